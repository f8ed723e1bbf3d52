// The options of `createSimulator` and `createTestGateway`, whose types are in simulator/index.ts and testing.ts.

import { z } from 'zod'
import { roles } from '../access/token-file.ts'
import { checkOptions, flag, logOption, object, text, withFunctions } from './check-options.ts'

const integer = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

/** The longest delay of a timer. */
const maxDelayMs = 2 ** 31 - 1

const grant = z.strictObject(
  {
    role: text,
    on: z
      .union([text, z.object({ type: text, value: text })], {
        error: 'must be an inventory path or a reference',
      })
      .optional(),
    propagate: flag.optional(),
  },
  object,
)

const user = z.strictObject(
  { username: text, password: text, grants: z.array(grant, { error: 'must be an array' }).optional() },
  object,
)

const simulatorShape = {
  vms: integer(0, 100_000).optional(),
  smallMachine: flag.optional(),
  seed: integer(0, 2 ** 32 - 1).optional(),
  username: text.optional(),
  password: text.optional(),
  users: z.array(user, { error: 'must be an array of users' }).optional(),
  clock: withFunctions(
    ['now', 'schedule'],
    'must be a clock, such as that of createManualClock()',
  ).optional(),
  sessionIdleMs: integer(1, maxDelayMs).optional(),
  tasks: z
    .strictObject(
      {
        queuedMs: integer(0, maxDelayMs).exactOptional(),
        durationMs: integer(0, maxDelayMs).exactOptional(),
      },
      object,
    )
    .optional(),
}

const simulatorOptions = z.strictObject(simulatorShape, object)

const testGatewayShape = {
  account: z.strictObject({ username: text, password: text }, object).optional(),
  role: z.enum(roles, { error: `must be ${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}` }).optional(),
  readOnly: flag.optional(),
  log: logOption,
}

const testGatewayOptions = z.strictObject(
  { ...testGatewayShape, ...simulatorShape, simulator: z.undefined().optional() },
  object,
)

const hasNoEffect = z
  .undefined({ error: 'has no effect beside simulator: pass it to createSimulator' })
  .optional()

/** With `simulator`, which has the options of a simulator already. */
const sharedGatewayOptions = z.strictObject(
  {
    ...testGatewayShape,
    ...Object.fromEntries(Object.keys(simulatorShape).map((name) => [name, hasNoEffect])),
    simulator: withFunctions(['transport', 'close'], 'must be one of createSimulator'),
  },
  object,
)

/** @throws ConfigError that names the option */
export const checkSimulatorOptions = (options: unknown): void => checkOptions(simulatorOptions, options)

/** @throws ConfigError that names the option */
export const checkTestGatewayOptions = (options: { readonly simulator?: unknown } | null): void =>
  checkOptions(options?.simulator === undefined ? testGatewayOptions : sharedGatewayOptions, options)
