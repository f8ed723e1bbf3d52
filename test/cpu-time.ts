// Measures work by the time that the processor spends on it, which does not depend on what else runs on the machine.

/** The CPU time of this process since a `process.cpuUsage()`, in milliseconds. */
export function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}
