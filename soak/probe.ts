// Loaded into the gateway's process before its own code (`--import`): tells whoever started it what the process holds after a
// full garbage collection. The gateway knows nothing of it.

/** What a process holds on to. */
export interface HeldResources {
  /** Megabytes of live objects. */
  readonly heap: number
  /** Timers, sockets and the like that keep it running, by their kind. */
  readonly handles: Readonly<Record<string, number>>
}

process.on('message', () => {
  // Twice: what finalizers let go of in the first is collected in the second.
  globalThis.gc?.()
  globalThis.gc?.()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  const resources: HeldResources = { heap: process.memoryUsage().heapUsed / 1e6, handles }
  process.send?.(resources)
})
// It must not keep the process running.
process.channel?.unref()
