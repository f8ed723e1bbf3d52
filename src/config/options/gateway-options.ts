// The options of a gateway that another program embeds: the same ranges, forms and defaults as for the settings
// of the command line.

import { z } from 'zod'
import type { ServeConfig } from '../config.ts'
import { ConfigError } from '../config-error.ts'
import { loopbackNames } from '../host-name.ts'
import { checkPageSizes } from '../page-sizes.ts'
import { type RawValues, validate } from '../read-settings.ts'
import { accessSettings } from '../settings/access-settings.ts'
import { limitSettings } from '../settings/limit-settings.ts'
import { schemaSettings } from '../settings/schema-settings.ts'
import { inSmallerUnits, type Setting } from '../settings/setting.ts'
import { checkOptions, flag, logOption, object, text, withFunctions } from './check-options.ts'

type CheckedConfig = Pick<
  ServeConfig,
  | 'readOnly'
  | 'introspection'
  | 'graphiql'
  | 'allowedHosts'
  | 'allowedOrigins'
  | 'pageSizeDefault'
  | 'pageSizeMax'
  | 'limits'
  | 'concurrency'
  | 'persistedOperations'
>

/** The options, each of which may be undefined for its default, as may each limit. */
export type CheckedOptions = Partial<Omit<CheckedConfig, 'limits' | 'concurrency'>> & {
  readonly [K in 'limits' | 'concurrency']?: Partial<CheckedConfig[K]> | undefined
}

const { pageSizeDefault, pageSizeMax } = limitSettings
const { allowedHosts, allowedOrigins } = accessSettings
const enabledByDefault = { ...schemaSettings.readOnly, value: z.stringbool().default(true) }

/** The settings of the options with a simple value, by option. */
const settings = {
  readOnly: schemaSettings.readOnly,
  introspection: enabledByDefault,
  graphiql: enabledByDefault,
  allowedHosts,
  allowedOrigins,
  pageSizeDefault,
  pageSizeMax,
  'limits.objects': limitSettings.maxObjects,
  'limits.responseValues': limitSettings.maxResponseValues,
  'limits.errors': limitSettings.maxErrors,
  'limits.vcenterResponseBytes': inSmallerUnits(limitSettings.maxVCenterResponseMB, 1_000_000),
  'limits.responseBytes': inSmallerUnits(limitSettings.maxResponseMB, 1_000_000),
  'limits.timeoutMs': inSmallerUnits(limitSettings.operationTimeout, 1_000),
  'limits.tokens': limitSettings.maxTokens,
  'limits.depth': limitSettings.maxDepth,
  'limits.aliases': limitSettings.maxAliases,
  'limits.directives': limitSettings.maxDirectives,
  'limits.variableValues': limitSettings.maxVariableValues,
  'limits.requestBytes': limitSettings.maxRequestBytes,
  'limits.batch': limitSettings.maxBatch,
  'concurrency.operations': limitSettings.maxConcurrentOperations,
  'concurrency.subscriptions': limitSettings.maxConcurrentSubscriptions,
} as const satisfies Record<string, Setting>

/** The options of a group that have a setting, which checks their values. */
function namesOf(group: '' | 'limits.' | 'concurrency.') {
  const all = Object.keys(settings).filter((name) => name.startsWith(group))
  const names = all.map((name) => name.slice(group.length)).filter((name) => !name.includes('.'))
  return Object.fromEntries(names.map((name) => [name, z.unknown().optional()]))
}

const vcenterServer = z.strictObject({
  url: text,
  username: text,
  password: z.union([text, z.custom((value) => typeof value === 'function')], {
    error: 'must be a string that is not empty, or a function',
  }),
  ca: text.optional(),
  thumbprint: text.optional(),
  insecure: flag.optional(),
  name: text.optional(),
})

const gatewayOptions = z.strictObject(
  {
    ...namesOf(''),
    limits: z.strictObject(namesOf('limits.'), object).optional(),
    concurrency: z.strictObject(namesOf('concurrency.'), object).optional(),
    persistedOperations: z
      .strictObject({ documents: z.unknown().optional(), persistedOnly: flag.optional() }, object)
      .optional(),
    vcenter: z.unknown().optional(),
    authenticate: z
      .custom((value) => typeof value === 'function', { error: 'must be a function' })
      .optional(),
    captureKey: z.unknown().optional(),
    log: logOption,
    metrics: z.unknown().optional(),
  },
  object,
)

const toServer = z.object({ vcenter: vcenterServer })

const toSimulator = z.object({
  vcenter: withFunctions(['transport'], 'must be an object with the url of a vCenter, or a simulator'),
})

/**
 * Checks the names of all options, and the values of those that are no settings: a misspelled `readOnly`, for
 * example, must not leave the mutations enabled.
 * @throws ConfigError that names the option
 */
export function checkGatewayOptions(options: unknown): void {
  checkOptions(gatewayOptions, options)
  const { vcenter } = options as { readonly vcenter?: { readonly url?: unknown } | null }
  checkOptions(vcenter?.url === undefined ? toSimulator : toServer, options)
}

/**
 * Checks the options, and adds the defaults.
 * @throws ConfigError that names the option
 */
export function readGatewayOptions(options: CheckedOptions): CheckedConfig {
  const given = { ...options, ...prefixed('limits', options), ...prefixed('concurrency', options) }
  const raw = Object.fromEntries(
    Object.keys(settings).flatMap((name) => {
      const value: unknown = given[name as keyof typeof given]
      return value === undefined ? [] : [[name, Array.isArray(value) ? value.map(String) : String(value)]]
    }),
  ) as RawValues<typeof settings>
  const values = validate(settings, raw, (_setting, name) => name)
  const group = <const K extends 'limits' | 'concurrency'>(name: K) =>
    Object.fromEntries(
      Object.entries(values).flatMap(([key, value]) =>
        key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), value]] : [],
      ),
    ) as unknown as CheckedConfig[K]
  return {
    readOnly: values.readOnly,
    introspection: values.introspection,
    graphiql: values.graphiql,
    allowedHosts: options.allowedHosts === undefined ? loopbackNames : values.allowedHosts,
    allowedOrigins: values.allowedOrigins,
    ...checkPageSizes(values, options.pageSizeDefault !== undefined, {
      pageSizeDefault: 'pageSizeDefault',
      pageSizeMax: 'pageSizeMax',
    }),
    limits: group('limits'),
    concurrency: group('concurrency'),
    persistedOperations: checkDocuments(options.persistedOperations),
  }
}

const prefixed = (name: 'limits' | 'concurrency', options: CheckedOptions) =>
  Object.fromEntries(Object.entries(options[name] ?? {}).map(([key, value]) => [`${name}.${key}`, value]))

function checkDocuments(operations: CheckedOptions['persistedOperations']) {
  const isMap = (documents: unknown): boolean =>
    Object.prototype.toString.call(documents) === '[object Map]' &&
    [...(documents as Map<unknown, unknown>)].flat().every((text) => typeof text === 'string')
  if (operations !== undefined && !isMap(operations.documents))
    throw new ConfigError('persistedOperations.documents must be a Map of ids to documents')
  return operations
}
