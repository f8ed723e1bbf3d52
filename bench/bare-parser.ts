// Runs the XML event parser that our decoders use with empty handlers, as a baseline: the cost of reading XML
// without decoding it.

import { SaxesParser } from 'saxes'

/** Parses a document that arrives in chunks. */
export function parse(pieces: readonly string[]): void {
  const parser = new SaxesParser({ xmlns: false, position: false })
  const nothing = () => {}
  parser.on('opentag', nothing)
  parser.on('text', nothing)
  parser.on('cdata', nothing)
  parser.on('closetag', nothing)
  for (const piece of pieces) parser.write(piece)
  parser.close()
}

/** Returns the CPU time of a function over all threads, including the garbage collector's. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
