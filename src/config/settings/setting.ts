// What a setting is, and the kinds of values that there are.

import { z } from 'zod'
import { parseHostName, parseListenAddress, parseOrigin } from '../host-name.ts'

export interface Setting extends ValueKind {
  /** Its name on the command line; without one it comes from the environment alone. */
  readonly flag?: string
  /** What the flag takes, as help writes it; a switch takes nothing. */
  readonly placeholder?: string
  /** The flag may be given several times. */
  readonly repeatable?: true
  /** Its variable. */
  readonly env?: string
  /** Its variable when the URL comes from govc's. */
  readonly govc?: string
  /** It says how a vCenter is reached, which the simulator has no use for. */
  readonly vcenter?: true
  /** The default in words, where `value` has none. */
  readonly defaultText?: string
  readonly help: string
}

export type Settings = Readonly<Record<string, Setting>>

/** A kind of value: how it is read from text, and what an error says that it must be. */
interface ValueKind<T extends z.ZodType = z.ZodType> {
  readonly value: T
  readonly expects: string
  /** Errors do not show the value. */
  readonly secret?: true
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
})

export const text = { value: z.string().min(1), expects: 'some text' }
// Whoever gives a password where its file is asked for must not read it on the screen.
export const file = { value: z.string().min(1), expects: 'the path of a file', secret: true } as const
export const flagValue = { value: z.stringbool().default(false), expects: 'true or false' }
export const hostName = {
  value: parsed(parseHostName),
  expects: 'a host name or an IP address, without scheme, port or path',
}
export const address = { ...hostName, value: parsed(parseListenAddress) }
export const origin = {
  value: parsed(parseOrigin),
  expects: 'where a page comes from, such as https://portal.example.com, without a path',
}
export const port = integer(0, 65_535)
export const oneOf = <const T extends readonly [string, ...string[]]>(...words: T) => ({
  value: z.enum(words),
  expects: new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words),
})
// There may be a user and a password in it.
export const httpUrl = {
  value: z.url({ protocol: /^https?$/ }),
  expects: 'a URL that begins with http:// or https://',
  secret: true,
} as const

export const logLevels = ['error', 'warn', 'info'] as const
export const logFormats = ['json', 'text'] as const

export const optional = <T extends z.ZodType>(kind: ValueKind<T>) => ({
  ...kind,
  value: kind.value.optional(),
})
export const withDefault = <T extends z.ZodType<unknown, string>>(
  kind: ValueKind<T>,
  defaultValue: string,
) => ({
  ...kind,
  value: kind.value.prefault(defaultValue as z.util.NoUndefined<z.input<T>>),
})
