// Connections of containers with the argument `recursive`: the objects directly in the container, or those at any depth.

import type { Traversal } from '../../../planner/traversals.ts'
import type { EntityType } from '../../builder.ts'
import { requires } from '../field-requirements.ts'
import type { NamedConnection } from './named-connection.ts'
import type { ArgBuilder } from './pagination-args.ts'

/**
 * Returns the options of a connection field with the argument `recursive`, except its description.
 *
 * @param direct - the edge to the objects directly in the container
 * @param recursive - the edge to the objects in it at any depth
 * @param description - description of the argument
 */
export function directOrRecursive<N extends EntityType>(
  connection: NamedConnection<N>,
  arg: ArgBuilder,
  direct: Traversal,
  recursive: Traversal,
  description: string,
) {
  const [atOneLevel, atAnyDepth] = [connection.via(arg, direct), connection.via(arg, recursive)]
  type Resolve = typeof atOneLevel.resolve
  const choose = (args: object) => ('recursive' in args && args.recursive === true ? atAnyDepth : atOneLevel)
  const { plan } = requires((position, args, context, field) =>
    choose(args).extensions.plan(position, args, context, field),
  ).extensions
  return {
    ...atOneLevel,
    args: {
      recursive: arg.boolean({ required: true, defaultValue: false, description }),
      ...atOneLevel.args,
    },
    extensions: { ...atOneLevel.extensions, plan },
    resolve: ((parent, args, context, info) => choose(args).resolve(parent, args, context, info)) as Resolve,
  }
}
