// Edges to the managers of a vCenter, such as the one of custom attributes. No property of the inventory refers to them: the login
// supplies their references, and a retrieval that needs one reads it as one more start object.

import type { ManagedObjectType } from '../soap/vim-types.ts'
import type { InventorySource, RetrievalTarget } from './inventory-source.ts'
import type { ManagedObject } from './managed-object.ts'
import { PlanNode } from './plan-node.ts'
import type { ServiceObject, Traversal } from './traversals.ts'

/** Creates an edge from any object to a manager of its vCenter. It leads nowhere if the server has no such manager. */
function serviceEdge<T extends ManagedObjectType>(service: ServiceObject, to: T): Traversal<T> {
  return {
    name: `ServiceContent.${service}`,
    to,
    start: [],
    steps: {},
    requiredPaths: [],
    service,
    follow: (object) => {
      const ref = sourceOf(object)[service]
      return ref ? [object.objectCache.get<T>(ref)] : []
    },
  }
}

/** From any object to the definitions of the custom attributes of its vCenter. */
export const customFieldsManager = serviceEdge('customFieldsManager', 'CustomFieldsManager')

const sourceOf = ({ source }: ManagedObject) => source as Pick<InventorySource, ServiceObject>

/** Returns the managers that targets need, as targets of the same retrieval. */
export function serviceTargets(
  targets: readonly RetrievalTarget[],
  source: InventorySource,
): RetrievalTarget[] {
  const nodes = new Map<ServiceObject, PlanNode>()
  const visit = ({ edges, connections }: PlanNode): void => {
    for (const [{ service, to, isNested }, node] of edges)
      if (service) nodes.set(service, (nodes.get(service) ?? new PlanNode(to)).include(node))
      // Those that a second retrieval needs are read by it.
      else if (!isNested) visit(node)
    for (const { mode, scan } of connections) if (mode !== 'resolved') visit(scan)
  }
  for (const { node } of targets) visit(node)
  return [...nodes].flatMap(([service, node]) => {
    const ref = source[service]
    return ref ? [{ refs: [ref], node }] : []
  })
}
