// Loaded into the gateway's process before its own code (`--import`): on each message, reports to the parent process the load
// since the previous message. The gateway itself does not use it.

import { monitorEventLoopDelay } from 'node:perf_hooks'

/** The load of a process during some time. */
export interface Load {
  /** CPU time of all threads, in user mode and in the kernel. */
  readonly cpuMs: number
  /** The 99th percentile of the time by which timers were late. */
  readonly delayMs: number
}

const resolution = 5
const delays = monitorEventLoopDelay({ resolution })
delays.enable()
let before = process.cpuUsage()

process.on('message', () => {
  const { user, system } = process.cpuUsage(before)
  // The histogram has the times between two timers. Without an interval, no timer was due.
  const delayMs = delays.count > 0 ? Math.max(0, delays.percentile(99) / 1e6 - resolution) : 0
  const load: Load = { cpuMs: (user + system) / 1_000, delayMs }
  process.send?.(load)
  delays.reset()
  before = process.cpuUsage()
})
// The channel must not keep the process running.
process.channel?.unref()
