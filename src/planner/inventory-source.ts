// The interface between the planner and a vCenter: an inventory source supplies the objects that plans need.
// property-collector/property-collector-source.ts requests them from the vCenter.

import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { PlanNode } from './plan-node.ts'

/**
 * Start of a retrieval and what to read from there: known objects, or all objects of the node's type in the
 * inventory.
 */
export interface RetrievalTarget {
  readonly node: PlanNode
  /** Undefined for the whole inventory. */
  readonly refs?: readonly ManagedObjectReference[] | undefined
  /** Requirements of the node that are already known for these objects and need not be read again. */
  readonly known?: ReadonlySet<string> | undefined
}

/**
 * Receives the values of an object: those that are set, and the faults of those that cannot be read. Called several
 * times for an object that several nodes need, and again for objects that were received before a restart.
 * @param requested the paths that were requested; one object for all objects with the same paths.
 * @returns the representation of the object in the result of the retrieval.
 */
export type ObjectHandler<T> = (content: DataObject<'ObjectContent'>, requested: ReadonlySet<string>) => T

/** The objects of a completed retrieval. */
interface Retrieval<T> {
  readonly found: ReadonlySet<T>
  /** Objects that were deleted during the retrieval. Their values must not be used. */
  readonly deleted: ReadonlySet<T>
}

/** The inventory of one vCenter, as one user sees it. */
export interface InventorySource {
  /** Counts the changes made by this user. Data read at one version may lack the changes of later ones. */
  readonly writeVersion: number
  /** The folder above the whole inventory, which is not part of it; undefined before the first retrieval. */
  readonly rootFolder: ManagedObjectReference | undefined
  /** The manager of custom attributes; undefined before the first retrieval, and on an ESXi host, which has none. */
  readonly customFieldsManager: ManagedObjectReference | undefined
  /** Reads targets together. If it fails, the objects that were received are incomplete. */
  retrieve<T>(
    targets: readonly RetrievalTarget[],
    callOptions: CallOptions,
    onObject: ObjectHandler<T>,
  ): Promise<Retrieval<T>>
}
