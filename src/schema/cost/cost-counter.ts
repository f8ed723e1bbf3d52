// Counts all that is put into the answer, whatever field it comes from, so that a selection which goes round in circles is
// stopped: few objects that were read can be given out millions of times, and so can their values, and the errors of their fields.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import { type GraphQLFieldResolver, type GraphQLResolveInfo, getNamedType } from 'graphql'
import { weightOf } from './cost-estimate.ts'
import type { Context } from '../context.ts'
import { selectedValues } from './scalar-count.ts'
import { nothing, type Tally } from './cost.ts'

const pluginName = 'countAnswer'

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      countAnswer: CountAnswer<Types>
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, object, object>

class CountAnswer<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver, { type }: PothosOutputFieldConfig<Types>): Resolver {
    const { kind } = type.kind === 'List' ? type.type : type
    const isPlain = kind === 'Scalar' || kind === 'Enum'
    return (source, args, context, info) => {
      const { allowance, lists } = context as Context
      const told = isOfChange(info)
      const counted = (value: unknown) => {
        // GraphQL takes an Error for a failure, and one in a list for that of the item.
        if (isError(value)) return allowance.failField(value, info, told) ? null : value
        if (value == null) return value
        if (!isPlain) allowance.give(tallyOf(value, info), told)
        if (!Array.isArray(value)) return value
        // As one value it is counted with its object.
        if (isPlain) allowance.give({ ...nothing, values: value.length - 1 }, told)
        for (const item of value) if (isError(item)) allowance.fail(item, info, told)
        return !isPlain && takesArriving(info) ? lists.inTurns(value) : value
      }
      const failed = (error: unknown) => {
        if (allowance.failField(error, info, told)) return null
        throw error
      }
      let value: unknown
      try {
        value = resolve(source, args, context, info)
      } catch (error) {
        return failed(error)
      }
      return value instanceof Promise ? value.then(counted, failed) : counted(value)
    }
  }
}

const isError = (value: unknown): value is Error => value instanceof Error

const isObject = (value: unknown): boolean => value != null && !isError(value)

function tallyOf(value: unknown, info: GraphQLResolveInfo): Tally {
  const objects = Array.isArray(value) ? value.filter(isObject).length : 1
  return {
    objects: objects * weightOf(getNamedType(info.returnType)),
    values: objects * selectedValues(info),
    errors: 0,
  }
}

/** What a change answers with: it has happened, so it is told. */
const isOfChange = ({ operation, path }: GraphQLResolveInfo): boolean =>
  operation.operation === 'mutation' && path.prev?.prev === undefined

/** The events of a subscription are small, and executed by graphql-js, which knows no list that arrives. */
const takesArriving = ({ operation }: GraphQLResolveInfo): boolean => operation.operation !== 'subscription'

SchemaBuilder.registerPlugin(pluginName, CountAnswer)
