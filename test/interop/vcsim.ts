// vcsim, govmomi's simulator, on a free port: the second opinion. It knows user/pass and nobody else.

import { startProgram } from './child-process.ts'
import { vcsim } from './tools.ts'

export interface Vcsim {
  /** With user:password, as govc takes it. */
  readonly url: string
  stop(): Promise<void>
}

/** Starts vcsim over TLS with more flags of its own. */
export async function startVcsim(...flags: readonly string[]): Promise<Vcsim> {
  // With -stdinexit it ends when we do, however we end.
  const argv = ['-stdinexit', '-l', '127.0.0.1:0', '-username', 'user', '-password', 'pass', ...flags]
  const program = await startProgram(vcsim ?? 'vcsim', argv, /GOVC_URL=(\S+) GOVC_SIM_PID/)
  return { url: program.match[1]!, stop: async () => void (await program.stop()) }
}
