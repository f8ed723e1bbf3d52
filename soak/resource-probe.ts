// Loaded into the gateway's process before its own code (`--import`): on request, reports to the parent
// process which resources remain after a full garbage collection. The gateway itself does not use it.

/** Resources that a process holds. */
export interface HeldResources {
  /** Megabytes of live objects. */
  readonly heap: number
  /** Number of timers, sockets and other handles that keep the process running, by kind. */
  readonly handles: Readonly<Record<string, number>>
}

process.on('message', () => {
  // Twice: objects released by finalizers in the first run are collected in the second.
  globalThis.gc?.()
  globalThis.gc?.()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  const resources: HeldResources = { heap: process.memoryUsage().heapUsed / 1e6, handles }
  process.send?.(resources)
})
// The channel must not keep the process running.
process.channel?.unref()
