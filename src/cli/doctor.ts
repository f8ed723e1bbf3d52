// `vsphere-graphql doctor`: checks a vCenter without changing anything, and prints a report.

import { loadDoctorConfig } from '../config/doctor-config.ts'
import { doctorSettingGroups } from '../config/settings.ts'
import type { Command, CommandContext } from './command.ts'

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Prints the report on stdout, and everything that must not be in it on stderr. */
async function runDoctorCommand(context: CommandContext): Promise<number> {
  const { stdout, stderr } = context
  const config = loadDoctorConfig(context)
  // Loaded on demand, so that --help and configuration errors need no wait.
  const [{ runDoctor }, { formatReport }] = await Promise.all([
    import('../doctor/run-doctor.ts'),
    import('../doctor/format-report.ts'),
  ])
  const hints: string[] = []
  const report = await withStopSignal(context, (signal) =>
    runDoctor(config, {
      node: process.version,
      signal,
      hint: (line) => hints.push(line),
      onCheck: ({ title }) => stderr.isTTY && stderr.write(`checking: ${title}\n`),
    }),
  )
  stdout.write(
    config.json
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : formatReport(report, { columns: stdout.columns, colour: stdout.isTTY }),
  )
  if (hints.length > 0)
    stderr.write(`\nNot part of the report, because it may identify your vCenter:\n${hints.join('\n')}\n`)
  return report.exitCode
}

/**
 * Runs `work` with a signal that is aborted at the first signal of the process; it then logs out and returns. A second signal exits
 * at once.
 */
async function withStopSignal<T>(
  { signals, exit, stderr }: CommandContext,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) return exit(1)
    stderr.write('logging out; press Ctrl-C again to force\n')
    stop.abort()
  }
  for (const signal of stopSignals) signals.on(signal, onSignal)
  try {
    return await work(stop.signal)
  } finally {
    for (const signal of stopSignals) signals.off(signal, onSignal)
  }
}

export const doctor: Command = {
  summary: 'Check a vCenter, without changing anything, and print a report.',
  details:
    'Uses the same settings as serve, with the account of the gateway. The report on stdout names no host, user or object, so it can be sent to others; what identifies the vCenter is on stderr.\n' +
    'Exit code 0: no problem; 1: problems, or not all checks were made; 2: invalid settings.',
  settingGroups: doctorSettingGroups,
  run: runDoctorCommand,
}
