// `vsphere-graphql simulate`: serves only the simulator, for govc, pyVmomi and other vCenter clients.

import { inspect } from 'node:util'
import { loadSimulateConfig } from '../config/config.ts'
import { simulateSettings } from '../config/settings.ts'
import type { Command } from './command.ts'
import { runUntilSignal } from './run-until-signal.ts'

export const simulate: Command = {
  summary: 'Serve only the simulator, for other vCenter clients.',
  settingGroups: { Flags: simulateSettings },
  async run(context) {
    const { host, port, tls, bytesPerSecond, vms, smallMachine, seed, username, password } =
      loadSimulateConfig(context)
    const start = async () => {
      // Loaded on demand, so that --help and configuration errors need no wait.
      const { createSimulator, demoUsers } = await import('../simulator/index.ts')
      const simulator = createSimulator({
        ...(vms !== undefined && { vms }),
        smallMachine,
        seed,
        username,
        password: password.reveal(),
        users: demoUsers(username, password.reveal()),
      })
      const { url, thumbprint } = await simulator.listen({ host, port, tls, bytesPerSecond })
      const certificate = thumbprint ? `, certificate thumbprint: ${thumbprint}` : ''
      context.stdout.write(
        `*** SIMULATOR, not a real vCenter: ${url} (user: ${username}${certificate}) ***\n`,
      )
      return () => simulator.close()
    }
    await runUntilSignal(context, start, (error) => context.stderr.write(`${inspect(error)}\n`))
  },
}
