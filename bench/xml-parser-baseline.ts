// Runs saxes, a general XML event parser, with empty handlers, as a baseline: the usual cost of reading XML without
// decoding it.

import { SaxesParser } from 'saxes'

/** Parses a document that arrives in chunks. */
export function parse(chunks: readonly string[]): void {
  const parser = new SaxesParser({ xmlns: false, position: false })
  const noop = () => {}
  parser.on('opentag', noop)
  parser.on('text', noop)
  parser.on('cdata', noop)
  parser.on('closetag', noop)
  for (const piece of chunks) parser.write(piece)
  parser.close()
}

/** Returns the CPU time of a function over all threads, including the garbage collector's. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
