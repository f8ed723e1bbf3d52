// Method signatures: the TypeScript types of arguments and results, and the parsed declarations that the codec uses.

import { methods } from './declarations/methods.ts'
import { type Field, parseTypeExpression } from './type-registry.ts'
import type { DataObject, ValueOf } from './vim-types.ts'

export type MethodName = keyof typeof methods
type Params<M extends MethodName> = (typeof methods)[M]['params']
type OptionalParams<P> = { [K in keyof P]: P[K] extends `${string}?` | `${string}*` ? K : never }[keyof P]

/** The arguments of a method, typed by its declaration. */
export type MethodArgs<M extends MethodName> = {
  readonly [K in Exclude<keyof Params<M>, OptionalParams<Params<M>>>]: ValueOf<Params<M>[K]>
} & { readonly [K in OptionalParams<Params<M>>]?: ValueOf<Params<M>[K]> | undefined }

/** The result of a method; an absent array result is an empty array. */
export type MethodResult<M extends MethodName> = (typeof methods)[M]['returns'] extends 'void'
  ? undefined
  : ValueOf<(typeof methods)[M]['returns']>

/** A fault as sent in the envelope. The faultstring is localized text for people and often empty: never match on it. */
export interface SoapFault {
  readonly faultcode: string
  readonly faultstring: string
  /** The vim25 fault; undefined if the server sent no detail. */
  readonly detail: DataObject<'MethodFault'> | undefined
}

export type SoapReply<T> = { readonly result: T } | { readonly fault: SoapFault }

interface MethodSignature {
  readonly on: string
  readonly params: readonly Field[]
  readonly returns: Field | undefined
}

const signatures = new Map<string, MethodSignature>(
  Object.entries(methods).map(([name, { on, params, returns }]) => [
    name,
    {
      on,
      params: Object.entries(params).map(([param, expression]) => ({
        name: param,
        ...parseTypeExpression(expression),
      })),
      returns: returns === 'void' ? undefined : { name: 'returnval', ...parseTypeExpression(returns) },
    },
  ]),
)

export const methodSignature = (method: MethodName): MethodSignature =>
  signatures.get(method) as MethodSignature

/** Returns the signature of a method by an unchecked name; undefined if the method is not declared. */
export const findMethodSignature = (name: string): MethodSignature | undefined => signatures.get(name)
