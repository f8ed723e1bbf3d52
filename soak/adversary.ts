// `npm run soak -- --adversary`: runs the cases of test/adversary with many more cases than `npm test`,
// each round with another seed, until the time is up or a round fails.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const help = `npm run soak -- --adversary [flags]

Runs the adversarial tests in rounds, with more cases than npm test.

  --seconds N   Time after which no further round starts, in seconds. Default: 60
  --seed N      Seed of the first round; each later round uses the next seed. Default: the current time
  --scale N     Cases per round, as a multiple of the cases of npm test. Default: 10
  --only TEXT   Run only cases whose name contains the text. Default: all`

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
export async function runAdversary(argv: string[]): Promise<number> {
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
    const code = await runRound(seed, scale, only)
    if (code !== 0) {
      const onlyFlag = only === undefined ? '' : ` --only ${JSON.stringify(only)}`
      console.error(
        `\nSeed ${seed} failed. Repeat with: npm run soak -- --adversary --seconds 1 --seed ${seed} --scale ${scale}${onlyFlag}`,
      )
      return 1
    }
    seed += 1
  } while (Date.now() < until)
  console.log(`All rounds passed. Last seed: ${seed - 1}.`)
  return 0
}

function readFlags(argv: string[]) {
  try {
    const { values } = parseArgs({ args: argv, options })
    const number = (flag: 'seconds' | 'seed' | 'scale'): number => {
      const value = Number(values[flag])
      if (!Number.isSafeInteger(value) || value < 1)
        throw new Error(`--${flag} must be an integer of at least 1`)
      return value
    }
    return { ...values, seconds: number('seconds'), seed: number('seed'), scale: number('scale') }
  } catch (error) {
    return (error as Error).message
  }
}

async function runRound(seed: number, scale: number, only: string | undefined): Promise<number> {
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
