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
    return (source, args, context, info) => {
      const { budget, chunkedLists } = context as Context
      const isExempt = isMutationResult(info)
      const countValue = (value: unknown) => {
        // GraphQL treats an Error value as a failed field, and one in a list as a failed item.
        if (isError(value)) return budget.failField(value, info, isExempt) ? null : value
        if (value == null) return value
        if (!isLeaf) budget.countResult(resultCost(value, info), isExempt)
        if (!Array.isArray(value)) return value
        // The parent object already counts one value for this field.
        if (isLeaf) budget.countResult({ ...zero, values: value.length - 1 }, isExempt)
        for (const item of value) if (isError(item)) budget.countError(item, info, isExempt)
        return !isLeaf && supportsAsyncLists(info) ? chunkedLists.chunk(value) : value
      }
      const countAndThrow = (error: unknown) => {
        if (budget.failField(error, info, isExempt)) return null
        throw error
      }
      let value: unknown
      try {
        value = resolve(source, args, context, info)
      } catch (error) {
        return countAndThrow(error)
      }
      return value instanceof Promise ? value.then(countValue, countAndThrow) : countValue(value)
    }
  }
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

/** Whether the field is a mutation field. Its change has happened, so its result is returned even above a limit. */
const isMutationResult = ({ operation, path }: GraphQLResolveInfo): boolean =>
  operation.operation === 'mutation' && path.prev?.prev === undefined

/** Subscription events are small, and graphql-js executes them, which does not support async iterables as lists. */
const supportsAsyncLists = ({ operation }: GraphQLResolveInfo): boolean =>
  operation.operation !== 'subscription'

SchemaBuilder.registerPlugin(pluginName, CostCounter)
