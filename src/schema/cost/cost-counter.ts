// Counts every result of every resolver against the operation's budget. This limits selections that traverse the graph in
// circles: they can return a few objects, their values and their errors millions of times.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import { type GraphQLFieldResolver, type GraphQLResolveInfo, getNamedType } from 'graphql'
import type { Context } from '../context.ts'
import { type Cost, zero } from './cost.ts'
import { typeCost } from './cost-estimate.ts'
import { scalarCount } from './scalar-count.ts'

const pluginName = 'costCounter'

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      costCounter: CostCounter<Types>
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, object, object>

class CostCounter<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver, { type }: PothosOutputFieldConfig<Types>): Resolver {
    const { kind } = type.kind === 'List' ? type.type : type
    const isLeaf = kind === 'Scalar' || kind === 'Enum'
    const count = isLeaf ? countLeaf : countObjects
    return (source, args, context, info) => {
      let value: unknown
      try {
        value = resolve(source, args, context, info)
      } catch (error) {
        return fail(error, context as Context, info)
      }
      if (!(value instanceof Promise)) return count(value, context as Context, info)
      return value.then(
        (resolved) => count(resolved, context as Context, info),
        (error) => fail(error, context as Context, info),
      )
    }
  }
}

/** Counts a failed field. Returns null if the response already has an error with the same cause; otherwise throws the error. */
function fail(error: unknown, { budget }: Context, info: GraphQLResolveInfo): null {
  if (budget.failField(error, info, isMutationResult(info))) return null
  throw error
}

/** Counts the value of a field of a scalar type, of which the parent object has counted one. */
function countLeaf(value: unknown, context: Context, info: GraphQLResolveInfo): unknown {
  if (typeof value !== 'object' || value === null) return value
  // GraphQL treats an Error value as a failed field, and one in a list as a failed item.
  if (isError(value)) return fail(value, context, info)
  if (Array.isArray(value)) {
    const isExempt = isMutationResult(info)
    context.budget.countResult({ ...zero, values: value.length - 1 }, isExempt)
    countItemErrors(value, context, info, isExempt)
  }
  return value
}

function countObjects(value: unknown, context: Context, info: GraphQLResolveInfo): unknown {
  if (value == null) return value
  if (isError(value)) return fail(value, context, info)
  const isExempt = isMutationResult(info)
  context.budget.countResult(resultCost(value, info), isExempt)
  if (!Array.isArray(value)) return value
  countItemErrors(value, context, info, isExempt)
  return supportsAsyncLists(info) ? context.chunkedLists.chunk(value) : value
}

function countItemErrors(
  items: readonly unknown[],
  { budget }: Context,
  info: GraphQLResolveInfo,
  isExempt: boolean,
): void {
  for (const item of items) if (isError(item)) budget.countError(item, info, isExempt)
}

const isError = (value: unknown): value is Error => value instanceof Error

const isObject = (value: unknown): boolean => value != null && !isError(value)

function resultCost(value: unknown, info: GraphQLResolveInfo): Cost {
  const objects = Array.isArray(value) ? value.filter(isObject).length : 1
  return {
    objects: objects * typeCost(getNamedType(info.returnType)),
    values: objects * scalarCount(info),
    errors: 0,
  }
}

/**
 * Whether the field is a mutation field or one of its payload, or the error of one of several objects. The change has happened, so its
 * result is returned even above a limit: without its error, an object that was not changed would look as if it was.
 */
const isMutationResult = ({ operation, path, returnType }: GraphQLResolveInfo): boolean =>
  operation.operation === 'mutation' &&
  (path.prev?.prev === undefined || getNamedType(returnType).name === 'ErrorInfo')

/** Subscription events are small, and graphql-js executes them, which does not support async iterables as lists. */
const supportsAsyncLists = ({ operation }: GraphQLResolveInfo): boolean =>
  operation.operation !== 'subscription'

SchemaBuilder.registerPlugin(pluginName, CostCounter)
