// The event parser below our decoders with nothing to do: what reading XML costs before anyone looks at it.

import { SaxesParser } from 'saxes'

/** Parses a document that came in pieces. */
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

/** The CPU time of something, of all threads: what the garbage collector does beside us is ours too. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
