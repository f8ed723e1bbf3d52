// Runs vcsim, govmomi's simulator, on a free port as a second reference. It accepts only user/pass.

import { startProgram } from './child-process.ts'
import { vcsim } from './tools.ts'

export interface Vcsim {
  /** Contains user:password, in govc's format. */
  readonly url: string
  stop(): Promise<void>
}

/** Starts vcsim over TLS with additional flags. */
export async function startVcsim(...flags: readonly string[]): Promise<Vcsim> {
  // With -stdinexit vcsim exits when this process does, even after a crash.
  const argv = ['-stdinexit', '-l', '127.0.0.1:0', '-username', 'user', '-password', 'pass', ...flags]
  const program = await startProgram(vcsim ?? 'vcsim', argv, /GOVC_URL=(\S+) GOVC_SIM_PID/)
  return { url: program.match[1]!, stop: async () => void (await program.stop()) }
}
