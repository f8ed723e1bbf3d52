// What a command is, and what it may touch: streams, signals and the exit, so that tests can hand in their own.

import type { Environment } from '../config/read-settings.ts'
import type { Settings } from '../config/settings/setting.ts'

export interface CommandContext {
  /** What follows the command's name. */
  readonly argv: readonly string[]
  /** @default the process's own */
  readonly env?: Environment | undefined
  readonly stdout: Output
  readonly stderr: Output
  /** Emits the signals that end a program, and what nobody has caught. */
  readonly signals: Signals
  /** Ends the process without further ado. */
  readonly exit: (code: number) => void
}

interface Output {
  write(text: string): unknown
  /** Whether a person sees it. */
  readonly isTTY?: boolean | undefined
}

interface Signals {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  on(fault: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown
  off(name: string, listener: (error: unknown) => void): unknown
}

export interface Command {
  /** What it does, for --help. */
  readonly summary: string
  /** What its settings do together, for its own --help. */
  readonly details?: string
  readonly settings: Settings
  /** Resolves when it is done; rejects with what went wrong. */
  run(context: CommandContext): Promise<void>
}
