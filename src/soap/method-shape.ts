// What a method's declaration says, read once: the fields of its arguments and of its result.

import { methods } from './declarations/methods.ts'
import type { MethodName } from './envelope.ts'
import { type Field, parseExpression } from './vim-types.ts'

interface MethodShape {
  readonly on: string
  readonly params: readonly Field[]
  readonly returns: Field | undefined
}

const shapes = new Map<string, MethodShape>(
  Object.entries(methods).map(([name, { on, params, returns }]) => [
    name,
    {
      on,
      params: Object.entries(params).map(([param, expression]) => ({
        name: param,
        ...parseExpression(expression),
      })),
      returns: returns === 'void' ? undefined : { name: 'returnval', ...parseExpression(returns) },
    },
  ]),
)

export const methodShape = (method: MethodName): MethodShape => shapes.get(method) as MethodShape

/** The same of a name that came from outside; undefined when it is none of ours. */
export const methodShapeOf = (name: string): MethodShape | undefined => shapes.get(name)
