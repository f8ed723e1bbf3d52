// `vsphere-graphql serve`: the gateway, and a first line that says what it stands on. The rest is gateway/'s.

import { loadServeConfig, type ServeConfig } from '../config/config.ts'
import { serveSettings } from '../config/settings.ts'
import { createLog } from '../observability/log.ts'
import type { Command, CommandContext } from './command.ts'
import { untilStopped } from './until-stopped.ts'

/** Serves until it is told to stop. */
async function runServe(context: CommandContext): Promise<void> {
  const { stdout, stderr } = context
  const config = loadServeConfig(context)
  stdout.write(`${standsOn(config)}\n`)
  const format = config.log.format ?? (stderr.isTTY ? 'text' : 'json')
  const log = createLog(stderr, { level: config.log.level, format })
  for (const doubt of config.doubts) log.warn(doubt)
  const start = async () => {
    // Loaded when it is needed: --help and mistakes are answered at once.
    const { startServer } = await import('../gateway/server.ts')
    const server = await startServer(config, log)
    stdout.write(`GraphiQL: ${server.url}\n`)
    if (server.adminUrl) stdout.write(`Metrics: ${server.adminUrl}/metrics\n`)
    return () => server.stop()
  }
  await untilStopped(context, start, (err) =>
    log.error('a fault of the gateway itself, which ends it; it logs out and exits with 1', { err }),
  )
}

function standsOn({ vcenter }: ServeConfig): string {
  if (!vcenter) return '*** EMBEDDED SIMULATOR, not a real vCenter; --url (VSPHERE_URL) names one ***'
  const { origin, path, account, tls } = vcenter
  const trust = tls.insecure ? '; its certificate is NOT checked' : ''
  return `*** vCenter ${origin}${path} as ${account?.username ?? 'whoever asks'}${trust} ***`
}

export const serve: Command = {
  summary: 'Serves GraphQL over a vCenter, or over the embedded simulator when none is named.',
  details:
    'Flags win over the environment. GOVC_ variables count when neither --url nor VSPHERE_URL is set, in govc’s own formats.\n' +
    'A password goes to the URL of its own family alone: the flags and VSPHERE_, or GOVC_.',
  settings: serveSettings,
  run: runServe,
}
