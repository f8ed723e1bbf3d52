// `vsphere-graphql serve`: starts the gateway, prints its banner, and logs its start and its end. server/
// does all other work.

import { loadServeConfig, type ServeConfig } from '../config/config.ts'
import { serveSettingGroups } from '../config/settings.ts'
import { version } from '../config/version.ts'
import { createLog, type Log } from '../observability/log.ts'
import type { Command, CommandContext } from './command.ts'
import { runUntilSignal, shutdownMessage, shutdownSentence } from './run-until-signal.ts'

/** Serves until a signal arrives. */
async function runServe(context: CommandContext): Promise<void> {
  const { stdout, stderr } = context
  const config = loadServeConfig(context)
  // With --log-format json, stdout stays empty, since operators may merge both streams. The log has the same
  // information.
  const printLine = (sentence: string) => {
    if (config.log.format !== 'json') stdout.write(`${sentence}\n`)
  }
  const format = config.log.format ?? (stderr.isTTY ? 'text' : 'json')
  const log = createLog(stderr, { level: config.log.level, format })
  for (const warning of config.warnings) log.warn(warning)
  const start = async () => {
    // Loaded on demand, so that --help and configuration errors need no wait.
    const { startServer } = await import('../server/start-server.ts')
    const server = await startServer(config, log)
    printLine(startupBanner(config))
    logStart(config, server, log)
    printLine(`GraphiQL: ${server.url}`)
    if (server.adminUrl) printLine(`Metrics: ${server.adminUrl}/metrics`)
    return async () => {
      await server.stop()
      log.info('stopped')
    }
  }
  await runUntilSignal(
    context,
    start,
    (err) => log.error('unexpected error: logging out and exiting with code 1', { err }),
    (signal) => {
      log.info(shutdownMessage(signal))
      // On a terminal, the log is enough.
      if (!(stdout.isTTY && stderr.isTTY)) printLine(shutdownSentence(signal))
    },
  )
}

function startupBanner({ vcenter }: ServeConfig): string {
  if (!vcenter)
    return '*** EMBEDDED SIMULATOR, not a real vCenter; set --url (VSPHERE_URL) to connect to one ***'
  const { origin, path, account, tls } = vcenter
  const trust = tls.insecure ? '; its certificate is NOT verified' : ''
  return `*** vCenter ${origin}${path} as ${account?.username ?? 'each user'}${trust} ***`
}

/** Logs the version, the vCenter and the exposure of the gateway, so that the log is complete by itself. */
function logStart(
  { vcenter, vcenterName, auth, readOnly }: ServeConfig,
  { url, adminUrl }: { readonly url: string; readonly adminUrl: string | undefined },
  log: Log,
): void {
  log.info('started', {
    version,
    node: process.version,
    vcenter: vcenterName,
    vcenterUrl: vcenter && `${vcenter.origin}${vcenter.path}`,
    vcenterCertificate: vcenter ? certificateTrust(vcenter) : undefined,
    url,
    adminUrl,
    auth: auth.mode,
    readOnly,
  })
}

/** How the vCenter's certificate is verified. */
function certificateTrust({ origin, tls }: NonNullable<ServeConfig['vcenter']>): string {
  if (!origin.startsWith('https:')) return 'none'
  if (tls.insecure) return 'not verified'
  return tls.thumbprint === undefined ? 'verified' : 'pinned'
}

export const serve: Command = {
  summary: 'Serve GraphQL for a vCenter, or for the embedded simulator if none is configured.',
  details:
    'Flags take precedence over environment variables. GOVC_ variables, in the formats of govc, are read only if neither --url nor VSPHERE_URL is set.\n' +
    'A VSPHERE_ password is never sent to a GOVC_ URL, and vice versa.',
  settingGroups: serveSettingGroups,
  run: runServe,
}
