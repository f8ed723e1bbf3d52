// The definition of a setting, and the kinds of values.

import { z } from 'zod'
import { parseHostName, parseListenAddress, parseOrigin } from '../host-name.ts'

export interface Setting extends ValueKind {
  /** The name on the command line; without one, the setting can only be set in the environment. */
  readonly flag?: string
  /** The flag's value as shown in --help. A switch has none. */
  readonly placeholder?: string
  /** Whether the flag may be given several times. */
  readonly repeatable?: true
  /** Why the flag may not be given twice. Without this, the last one is used. */
  readonly onlyOnce?: string
  /** The environment variable. */
  readonly env?: string
  /** The environment variable if the URL comes from govc's variables. */
  readonly govc?: string
  /** Whether the setting configures the vCenter connection, so that the simulator ignores it. */
  readonly vcenter?: true
  /** The default as text, if `value` has none. */
  readonly defaultText?: string
  readonly help: string
}

export type Settings = Readonly<Record<string, Setting>>

/** A kind of value: its parser, and the description of valid values for error messages. */
interface ValueKind<T extends z.ZodType = z.ZodType> {
  readonly value: T
  readonly expects: string
  /** Whether error messages must not show the value. */
  readonly secret?: true
  /** Returns the valid value that was probably meant; undefined if there is none. */
  readonly suggest?: (value: string) => string | undefined
}

export const parsed = <T>(parse: (text: string) => T | undefined) =>
  z.string().transform((text, context) => {
    const value = parse(text)
    if (value === undefined) context.addIssue({ code: 'custom' })
    return value ?? z.NEVER
  })

export const integer = (min: number, max: number) => ({
  value: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max)),
  expects: `a whole number from ${min} to ${max}`,
  max,
})

export const text = { value: z.string().min(1), expects: 'a non-empty string' }
// Secret, since a user may give a password here instead of the path of its file.
export const file = { value: z.string().min(1), expects: 'a file path', secret: true } as const
export const flagValue = { value: z.stringbool().default(false), expects: 'true or false' }
export const hostName = {
  value: parsed(parseHostName),
  expects: 'a host name or an IP address, without scheme, port or path',
}
export const address = { ...hostName, value: parsed(parseListenAddress) }
export const origin = {
  value: parsed(parseOrigin),
  expects: 'an origin without a path, such as https://portal.example.com',
  suggest: suggestOrigin,
}
export const port = integer(0, 65_535)
export const oneOf = <const T extends readonly [string, ...string[]]>(...choices: T) => ({
  value: z.enum(choices),
  expects: new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(choices),
})
// The URL may contain a user name and password.
export const httpUrl = {
  value: z.url({ protocol: /^https?$/ }),
  expects: 'a URL that begins with http:// or https://',
  secret: true,
} as const

export const logLevels = ['error', 'warn', 'info'] as const
export const logFormats = ['json', 'text'] as const

/** Returns a setting of the same quantity in a smaller unit, such as bytes instead of megabytes. */
export function inSmallerUnits<
  T extends Setting & { readonly max: number; readonly value: z.ZodType<number> },
>(setting: T, factor: number) {
  const defaultValue = setting.value.parse(undefined) * factor
  return { ...setting, ...withDefault(integer(1, setting.max * factor), String(defaultValue)) }
}

/** Adds a missing scheme, or removes a path. */
function suggestOrigin(value: string): string | undefined {
  const url = /^https?:\/\//i.test(value)
    ? value
    : `${/^(localhost|127\.)/.test(value) ? 'http' : 'https'}://${value}`
  if (!URL.canParse(url)) return undefined
  const { host, origin } = new URL(url)
  return /[.:]|^localhost$/.test(host) ? origin : undefined
}

export const optional = <T extends z.ZodType>(kind: ValueKind<T>) => ({
  ...kind,
  value: kind.value.optional(),
})
export const withDefault = <T extends z.ZodType<unknown, string>, K extends ValueKind<T>>(
  kind: K & { readonly value: T },
  defaultValue: string,
): Omit<K, 'value'> & { readonly value: z.ZodPrefault<T> } => ({
  ...kind,
  value: kind.value.prefault(defaultValue as z.util.NoUndefined<z.input<T>>),
})
