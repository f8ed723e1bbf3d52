// Counts each object as it is put into the answer, whatever field it comes from, so that a selection which goes round in
// circles is stopped: few objects that were read can be given out millions of times.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import { type GraphQLFieldResolver, type GraphQLResolveInfo, getNamedType } from 'graphql'
import { weightOf } from './answer-size.ts'
import type { Context } from './context.ts'

const pluginName = 'countObjects'

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      countObjects: CountObjects<Types>
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, object, object>

class CountObjects<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver, { type }: PothosOutputFieldConfig<Types>): Resolver {
    const { kind } = type.kind === 'List' ? type.type : type
    if (kind === 'Scalar' || kind === 'Enum') return resolve
    return (source, args, context, info) => {
      const counted = (value: unknown) => {
        const objects = numberOf(value) * weightOf(getNamedType(info.returnType))
        const { allowance, lists } = context as Context
        allowance.give(objects, isOfChange(info))
        return Array.isArray(value) && takesArriving(info) ? lists.inTurns(value) : value
      }
      const value = resolve(source, args, context, info)
      return value instanceof Promise ? value.then(counted) : counted(value)
    }
  }
}

const isObject = (value: unknown): boolean => value != null && !(value instanceof Error)

const numberOf = (value: unknown): number =>
  Array.isArray(value) ? value.filter(isObject).length : isObject(value) ? 1 : 0

/** What a change answers with: it has happened, so it is told. */
const isOfChange = ({ operation, path }: GraphQLResolveInfo): boolean =>
  operation.operation === 'mutation' && path.prev?.prev === undefined

/** The events of a subscription are small, and executed by graphql-js, which knows no list that arrives. */
const takesArriving = ({ operation }: GraphQLResolveInfo): boolean => operation.operation !== 'subscription'

SchemaBuilder.registerPlugin(pluginName, CountObjects)
