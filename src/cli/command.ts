// The interface of a command, with the streams, signals and exit function that it may use, so that tests can
// replace them.

import type { Environment } from '../config/read-settings.ts'
import type { Settings } from '../config/settings/setting.ts'

export interface CommandContext {
  /** The arguments after the command's name. */
  readonly argv: readonly string[]
  /** @default the process's own */
  readonly env?: Environment | undefined
  readonly stdout: Output
  readonly stderr: Output
  /** The time in milliseconds since any fixed moment. @default that of `performance` */
  readonly now?: (() => number) | undefined
  /** Emits the signals that stop a program, and uncaught errors. */
  readonly signals: Signals
  /** Ends the process immediately. */
  readonly exit: (code: number) => void
}

interface Output {
  write(text: string): unknown
  /** Whether the output is a terminal. */
  readonly isTTY?: boolean | undefined
  /** The width of the terminal, in characters. */
  readonly columns?: number | undefined
}

interface Signals {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  on(fault: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown
  off(name: string, listener: (error: unknown) => void): unknown
}

export interface Command {
  /** What the command does, for --help. */
  readonly summary: string
  /** How its settings work together, for its own --help. */
  readonly details?: string
  /** Its settings by heading, for its own --help. */
  readonly settingGroups: Readonly<Record<string, Settings>>
  /** Resolves when the command is done, with its exit code if it is not 0; rejects with its error. */
  run(context: CommandContext): Promise<number | undefined> | Promise<void>
}
