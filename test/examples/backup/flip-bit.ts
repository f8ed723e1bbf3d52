// Damages a file, as a failing disk may.

import { open } from 'node:fs/promises'

/** Flips one bit in the middle of a file. */
export async function flipBit(path: string): Promise<void> {
  const file = await open(path, 'r+')
  const { size } = await file.stat()
  const byte = Buffer.alloc(1)
  const at = Math.floor(size / 2)
  await file.read(byte, 0, 1, at)
  byte[0] = (byte[0] as number) ^ 4
  await file.write(byte, 0, 1, at)
  await file.close()
}
