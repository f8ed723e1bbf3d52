// The maps of disks, from the id of a disk or of an object with disks.

import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isObjectType } from 'graphql'
import { isList } from './argument-names.ts'
import { pretty } from './new-operation.ts'
import type { Use } from './use.ts'

const diskType = 'VirtualDisk'
const areas =
  'totalCount totalLength density(buckets: 128) nodes { start length } pageInfo { hasNextPage endCursor }'
const map = `label capacity id allocatedAreas(first: 2000) { ${areas} }`

/** Returns the operation that draws the map of a disk, or those of all disks of an object. */
export function mapUse(schema: GraphQLSchema, type: GraphQLObjectType, id: string): Use | undefined {
  if (!isObjectType(schema.getType(diskType))) return undefined
  if (type.name === diskType)
    return nodeUse(
      'Map of the disk',
      'DiskMap',
      'Draws which blocks of the disk are allocated.',
      map,
      type,
      id,
    )
  const { currentSnapshot } = type.getFields()
  const snapshot = currentSnapshot && getNamedType(currentSnapshot.type)
  if (isObjectType(snapshot) && hasDisks(snapshot))
    return nodeUse(
      allMaps,
      'DiskMaps',
      'Draws which blocks of the disks are allocated in the current snapshot: the disks of a running virtual machine can only be read in a snapshot.',
      `name currentSnapshot { path createdAt disks { ${map} } id }${hasDisks(type) ? ' disks { label capacity id }' : ''}`,
      type,
      id,
    )
  if (!hasDisks(type)) return undefined
  return nodeUse(
    allMaps,
    'DiskMaps',
    'Draws which blocks of the disks are allocated.',
    `name disks { ${map} }`,
    type,
    id,
  )
}

const allMaps = 'Maps of all disks'

function hasDisks(type: GraphQLObjectType): boolean {
  const field = type.getFields().disks
  return field !== undefined && isList(field.type) && getNamedType(field.type).name === diskType
}

const nodeUse = (
  title: string,
  operationName: string,
  description: string,
  selection: string,
  type: GraphQLObjectType,
  id: string,
): Use => ({
  title,
  description,
  group: 'Maps',
  isExact: true,
  isMutation: false,
  tab: {
    query: pretty(
      `query ${operationName}($id: ID!) { node(id: $id) { ... on ${type.name} { ${selection} } } }`,
    ),
    variables: { id },
  },
})
