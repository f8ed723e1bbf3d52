// Pseudo-random numbers from a seed: the same seed gives the same numbers on every machine. Not for secrets.

export interface Random {
  /** In [0, 1). */
  next(): number
  /** Returns an integer from 0 up to, but not including, `below`. */
  integer(below: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  hex(digits: number): string
}

/** Creates a generator from all parts of the seed: `createRandom(seed, 'vm', 17)`. */
export function createRandom(...seed: readonly (string | number)[]): Random {
  // xmur3 seeds sfc32: small, fast, and good enough for generated machines.
  let hash = 1779033703
  const text = seed.join('/')
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 3432918353)
    hash = (hash << 13) | (hash >>> 19)
  }
  const word = (): number => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507)
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909)
    hash ^= hash >>> 16
    return hash | 0
  }
  let [a, b, c, d] = [word(), word(), word(), 1]
  const next32 = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 8; round += 1) next32()
  const random: Random = {
    next: () => next32() / 4294967296,
    integer: (below) => Math.floor(random.next() * below),
    pick: (items) => items[random.integer(items.length)] ?? items[0],
    hex(digits) {
      let hex = ''
      while (hex.length < digits) hex += next32().toString(16).padStart(8, '0')
      return hex.slice(0, digits)
    },
  }
  return random
}

/**
 * Creates a UUID with a prefix as vSphere uses it: 42 for a BIOS UUID, 50 for an instance UUID, 6000C29 for a
 * disk.
 */
export function createUuid(random: Random, prefix: string): string {
  const digits = prefix + random.hex(32 - prefix.length)
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
