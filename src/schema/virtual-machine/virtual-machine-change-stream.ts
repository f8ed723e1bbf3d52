// Finds the changes for virtualMachineChanges: all virtual machines that match the filter, then those that enter, change or leave.
// The update stream only reports which virtual machines to read again. They are read completely, all of one event together, and
// compared with the state that was sent. So no change is lost or sent twice if the stream replays or loses updates, and a slow
// client costs only one entry for each changed machine.

import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'
import type { GraphQLResolveInfo } from 'graphql'
import { delay } from '../../concurrency/timing.ts'
import type { Filter } from '../../planner/connections/filter.ts'
import { propertyOf } from '../../planner/device-path.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { Signal } from '../../vim25/updates/signal.ts'
import type { Context } from '../context.ts'
import type { ChangeKindName } from '../core/changes/change-kind.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { RequestVCenter } from '../vcenters.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

/** A change of one virtual machine in the set of those that match the filter. */
export interface VirtualMachineChange {
  readonly kind: ChangeKindName
  /** The inventory source of the virtual machine. */
  readonly source: object
  readonly ref: ManagedObjectReference
  /** Undefined for LEAVE. */
  readonly virtualMachine?: VirtualMachineObject
}

/** Changes that are sent together. */
export interface VirtualMachineChangeBatch {
  /** Whether the batch is part of the state at the start. */
  readonly initial: boolean
  readonly changes: readonly VirtualMachineChange[]
}

/** Delay before a failed read is retried. */
const retryDelayMs = 1_000

const changedAreasDisabledReason = 'changed areas cannot be selected in virtualMachineChanges'

/** Produces the batches of one subscription. */
export class VirtualMachineChangeStream {
  readonly #filter: Filter
  readonly #vcenter: RequestVCenter
  readonly #context: Context
  readonly #info: GraphQLResolveInfo
  /** The paths of the virtual machine itself that the selection reads. */
  readonly #paths: readonly string[]
  /** The virtual machines that were sent and did not leave, by moid, each with a digest of the values at these paths. */
  readonly #sent = new Map<string, number>()
  /** Moids of the virtual machines to read again. */
  readonly #dirty = new Set<string>()
  /** Moids of the virtual machines that matched at the start and were not sent yet. */
  #initialMoids: string[] = []
  /** A full scan is needed. */
  #isStale = false
  /** The list of matching virtual machines must be compared with those that were sent. */
  #needsComparison = false
  /** A batch was sent. From then on the stream waits for the end of an outage instead of failing. */
  #hasStarted = false
  #epoch = 0
  readonly #signal = new Signal()

  constructor(filter: Filter, vcenter: RequestVCenter, context: Context, info: GraphQLResolveInfo) {
    this.#filter = filter
    this.#vcenter = vcenter
    this.#context = { ...context, changedAreasDisabledReason }
    this.#info = info
    this.#paths = [...this.#selectionPlan().paths]
  }

  async *batches(): AsyncGenerator<VirtualMachineChangeBatch, void> {
    const { inventory, callOptions } = this.#vcenter
    callOptions.signal?.throwIfAborted()
    const abort = () => this.#signal.fail(callOptions.signal?.reason)
    callOptions.signal?.addEventListener('abort', abort, { once: true })
    const watched = [...this.#paths, ...this.#filterPlan().paths].map(propertyOf)
    const unwatch = inventory.watch('VirtualMachine', watched, {
      onRefresh: (epoch) => this.#refresh(epoch),
      onChanged: (objects, epoch) => this.#markChanged(objects, epoch),
      onCompare: (epoch) => this.#requestComparison(epoch),
      onError: (error) => this.#signal.fail(error),
    })
    try {
      for (let initial = true; ; ) {
        await this.#signal.wait()
        try {
          if (this.#isStale) await this.#scan(initial)
          else if (this.#needsComparison) await this.#compare()
          while (initial && !this.#isStale) {
            const changes = await this.#diff(this.#initialMoids.splice(0, this.#batchSize))
            const isLast = this.#initialMoids.length === 0
            if (changes.length > 0 || (isLast && this.#sent.size === 0)) {
              this.#hasStarted = true
              yield { initial, changes }
            }
            initial = !isLast
          }
          while (this.#dirty.size > 0 && !this.#isStale) {
            const changes = await this.#diff([...this.#dirty].slice(0, this.#batchSize))
            if (changes.length > 0) yield { initial, changes }
          }
        } catch (error) {
          if (!this.#hasStarted || !isOutage(error)) throw error
          // Retries until the outage ends, with a full scan as after a lost update stream.
          this.#isStale = true
          await delay(retryDelayMs, { signal: callOptions.signal })
          this.#signal.notify()
        }
      }
    } finally {
      unwatch()
      callOptions.signal?.removeEventListener('abort', abort)
    }
  }

  get #batchSize(): number {
    return this.#context.pageSizes.defaultSize
  }

  #refresh(epoch: number): void {
    this.#epoch = epoch
    this.#isStale = true
    this.#signal.notify()
  }

  #markChanged(objects: readonly ManagedObjectReference[], epoch: number): void {
    this.#epoch = epoch
    for (const { value } of objects) this.#dirty.add(value)
    this.#signal.notify()
  }

  #requestComparison(epoch: number): void {
    this.#epoch = epoch
    this.#needsComparison = true
    this.#signal.notify()
  }

  /** Returns the moids of all virtual machines that match the filter now. */
  async #matchingMoids(): Promise<string[]> {
    this.#needsComparison = false
    const objects = await this.#reader().all(this.#filterPlan().read('name'))
    return objects.filter((object) => this.#matches(object)).map(({ ref }) => ref.value)
  }

  #matches(virtualMachine: ManagedObject): boolean {
    return this.#filter.evaluate(virtualMachine, 'all') === true
  }

  /** Marks the virtual machines that entered or left without an update from the stream. */
  async #compare(): Promise<void> {
    const matching = new Set(await this.#matchingMoids())
    for (const moid of matching) if (!this.#sent.has(moid)) this.#dirty.add(moid)
    for (const moid of this.#sent.keys()) if (!matching.has(moid)) this.#dirty.add(moid)
  }

  /** Scans for all matching virtual machines. Marks those that were sent before too: they may have changed or left. */
  async #scan(initial: boolean): Promise<void> {
    this.#isStale = false
    this.#dirty.clear()
    const matching = await this.#matchingMoids()
    this.#initialMoids = initial ? matching.filter((moid) => !this.#sent.has(moid)) : []
    for (const moid of [...this.#sent.keys(), ...(initial ? [] : matching)]) this.#dirty.add(moid)
  }

  /** Reads virtual machines and returns their changes since they were sent. */
  async #diff(moids: readonly string[]): Promise<VirtualMachineChange[]> {
    for (const moid of moids) this.#dirty.delete(moid)
    const refs = moids.map((value) => ({ type: 'VirtualMachine', value }))
    const objects = await this.#reader().objects(refs, this.#selectionPlan().include(this.#filterPlan()))
    const changes: VirtualMachineChange[] = []
    const { source } = this.#vcenter
    for (const [index, ref] of refs.entries()) {
      const virtualMachine = objects[index] as VirtualMachineObject | undefined
      const lastDigest = this.#sent.get(ref.value)
      if (virtualMachine && this.#matches(virtualMachine)) {
        const digest = this.#digest(virtualMachine)
        this.#sent.set(ref.value, digest)
        if (lastDigest !== digest)
          changes.push({ kind: lastDigest === undefined ? 'ENTER' : 'MODIFY', source, ref, virtualMachine })
      } else if (this.#sent.delete(ref.value)) changes.push({ kind: 'LEAVE', source, ref })
    }
    return changes
  }

  /** Returns a 48-bit digest of the values at the watched paths: small enough for a number, and sufficient to detect a change. */
  #digest(machine: VirtualMachineObject): number {
    const values = this.#paths.map((path) =>
      machine.isUnreadable(path) ? null : machine.read(path as never),
    )
    return createHash('sha1').update(serialize(values)).digest().readUIntBE(0, 6)
  }

  /** Returns a reader that joins no retrieval of an earlier epoch, which may lack the change. */
  #reader() {
    return this.#vcenter.freshReader(this.#epoch)
  }

  /** Returns the plan of the filter. */
  #filterPlan(): PlanNode {
    const node = new PlanNode('VirtualMachine')
    this.#filter.plan(node, 'all')
    return node
  }

  /** Returns the plan of the selection. It is created for each read, because the pages of connections belong to one read. */
  #selectionPlan(): PlanNode {
    const node = new PlanNode('VirtualMachine')
    planSelection(this.#info, 'VirtualMachineChangeBatch', node, this.#context)
    return node
  }
}

/** Whether an error means that vCenter is unreachable for now. A running subscription waits for the end of the outage. */
function isOutage(error: unknown): boolean {
  const { code, retryable } = classifyError(error)
  return code === 'VCENTER_UNAVAILABLE' && retryable === true
}
