// `npm run soak -- --adversary`: runs the attacks of test/adversary with many more cases than `npm test`,
// each round with another seed, until the time is up or a round fails.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const help = `npm run soak -- --adversary [flags]

  --seconds N   How long: no round begins later. Default: 60
  --seed N      The seed of the first round; each round after it takes the next. Default: the time
  --scale N     How many times the cases of npm test a round has. Default: 10
  --only TEXT   Only cases whose name contains it.`

const top = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))

const options = {
  adversary: { type: 'boolean' },
  seconds: { type: 'string', default: '60' },
  seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
  scale: { type: 'string', default: '10' },
  only: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Resolves with the exit code: 0 if every round passed, 1 if one failed, 2 if the flags are invalid. */
export async function attack(argv: string[]): Promise<number> {
  const flags = readFlags(argv)
  if (typeof flags === 'string') {
    console.error(flags)
    return 2
  }
  if (flags.help) {
    console.log(help)
    return 0
  }
  const { seconds, scale, only } = flags
  const until = Date.now() + seconds * 1_000
  let { seed } = flags
  do {
    const code = await round(seed, scale, only)
    if (code !== 0) {
      const same = only === undefined ? '' : ` --only ${JSON.stringify(only)}`
      console.error(
        `\nSeed ${seed} failed. Repeat it with: npm run soak -- --adversary --seconds 1 --seed ${seed} --scale ${scale}${same}`,
      )
      return 1
    }
    seed += 1
  } while (Date.now() < until)
  console.log(`All is well, up to seed ${seed - 1}.`)
  return 0
}

function readFlags(argv: string[]) {
  try {
    const { values } = parseArgs({ args: argv, options })
    const number = (flag: 'seconds' | 'seed' | 'scale'): number => {
      const value = Number(values[flag])
      if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${flag} is a number from 1 on`)
      return value
    }
    return { ...values, seconds: number('seconds'), seed: number('seed'), scale: number('scale') }
  } catch (error) {
    return (error as Error).message
  }
}

async function round(seed: number, scale: number, only: string | undefined): Promise<number> {
  const env = {
    ...process.env,
    ADVERSARY_SEED: String(seed),
    ADVERSARY_SCALE: String(scale),
    ...(only !== undefined && { ADVERSARY_CASE: only }),
  }
  const child = spawn(process.execPath, [vitest, 'run', 'test/adversary'], {
    cwd: top,
    env,
    stdio: 'inherit',
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}
