// Subscription.virtualMachineChanges: all that fit, then who enters, changes or leaves. The update stream only says which
// virtual machines to look at; they are read whole, all of one event together, and compared with what was told. So nothing is
// lost or told twice, whatever the stream replays or loses, and a slow client costs one entry for each machine that changed.

import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { serialize } from 'node:v8'
import type { GraphQLResolveInfo } from 'graphql'
import type { Filter } from '../../planner/connection-plan.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { Signal } from '../../vim25/updates/signal.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../core/ids.ts'
import type { TypeCost } from '../cost/cost-estimate.ts'
import { classifyError } from '../errors/classify-error.ts'
import { filterOf, VirtualMachineFilter } from './virtual-machine-connection.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

export interface VirtualMachineChange {
  readonly kind: (typeof ChangeKind)['$inferType']
  readonly ref: ManagedObjectReference
  /** Undefined when it left. */
  readonly virtualMachine?: VirtualMachineObject
}

export interface VirtualMachineChangeBatch {
  readonly initial: boolean
  readonly changes: readonly VirtualMachineChange[]
}

const ChangeKind = builder.enumType('ChangeKind', {
  description: 'What became of a virtual machine. vim25: ObjectUpdateKind, but of those that fit the filter.',
  values: {
    ENTER: { description: 'It is there and fits, and was not told before.' },
    MODIFY: { description: 'A property that the selection reads has changed.' },
    LEAVE: { description: 'It is gone, or no longer fits.' },
  } as const,
})

const batchCost: TypeCost = { pageSize: (_args, { defaultSize }) => defaultSize }

builder.objectType('VirtualMachineChangeBatch', {
  extensions: { size: batchCost },
  description: 'Changes that are told together.',
  fields: (t) => ({
    initial: t.exposeBoolean('initial', {
      nullable: false,
      description:
        'It tells what there was at the start. The first batch that is not initial says that the start was whole.',
    }),
    changes: t.field({
      type: ['VirtualMachineChange'],
      nullable: { list: false, items: false },
      description: 'The changes, each virtual machine once. Empty only where nothing fitted at the start.',
      resolve: ({ changes }) => changes,
    }),
  }),
})

builder.objectType('VirtualMachineChange', {
  description: 'What became of one virtual machine.',
  fields: (t) => ({
    kind: t.field({
      type: ChangeKind,
      nullable: false,
      description: 'Whether it entered, changed or left.',
      resolve: ({ kind }) => kind,
    }),
    virtualMachineId: t.id({
      nullable: false,
      description: 'Its global id, also of one that is gone.',
      resolve: ({ ref }, _args, context) => encodeId(context, ref),
    }),
    virtualMachine: t.field({
      type: 'VirtualMachine',
      description: 'As it is after the change; null when it left.',
      resolve: ({ virtualMachine }) => virtualMachine ?? null,
    }),
  }),
})

builder.subscriptionField('virtualMachineChanges', (t) =>
  t.field({
    type: 'VirtualMachineChangeBatch',
    nullable: false,
    args: { filter: t.arg({ type: VirtualMachineFilter, description: 'Only those that fit.' }) },
    description:
      'Everything that fits, once at the start in batches (initial), then each change of a property of the virtual machine that the selection reads. What is nested (its host, its snapshots’ disks) is read anew with each change, but changes of its own are not told; nor may be those of file sizes (layoutEx), of which vCenter need not tell. Where the vCenter is away at the start it ends with VCENTER_UNAVAILABLE; later it goes on when the vCenter is back, with all that changed meanwhile. One that enters or vanishes without an update from the vCenter is reported within five minutes. Changed areas cannot be asked for inside it.',
    subscribe: async (_root, { filter }, context, info) => {
      // The update stream waits for a vCenter that is away; who begins to listen must not hear nothing, and takes it for no changes.
      await context.vcenter.session.ping(context.callOptions)
      return new ChangeTracker(filterOf({ filter }, context), context, info).batches()
    },
    resolve: (batch) => batch,
  }),
)

/** How long to wait before what could not be read is read again. */
const retryDelayMs = 1_000

const changedAreasDisabledReason = 'changed areas cannot be asked for inside virtualMachineChanges'

class ChangeTracker {
  readonly #filter: Filter
  readonly #context: Context
  readonly #info: GraphQLResolveInfo
  /** The paths of the virtual machine itself that the selection reads. */
  readonly #paths: readonly string[]
  /** Who was told and did not leave, with a digest of these paths. */
  readonly #sent = new Map<string, number>()
  /** Who is to be looked at. */
  readonly #dirty = new Set<string>()
  /** Of those who fitted at the start, the ones that are not told yet. */
  #initialMoids: string[] = []
  #isStale = false
  /** Which virtual machines there are is to be compared with those that were told. */
  #needsComparison = false
  /** Something was told: from then on an outage is waited for. */
  #hasStarted = false
  #epoch = 0
  readonly #signal = new Signal()

  constructor(filter: Filter, context: Context, info: GraphQLResolveInfo) {
    this.#filter = filter
    this.#context = { ...context, changedAreasDisabledReason }
    this.#info = info
    this.#paths = [...this.#selectionPlan().paths]
  }

  async *batches(): AsyncGenerator<VirtualMachineChangeBatch, void> {
    const { vcenter, callOptions } = this.#context
    callOptions.signal?.throwIfAborted()
    const abort = () => this.#signal.fail(callOptions.signal?.reason)
    callOptions.signal?.addEventListener('abort', abort, { once: true })
    const unwatch = vcenter.inventory.watch('VirtualMachine', [...this.#paths, ...this.#filterPlan().paths], {
      onRefresh: (epoch) => this.#refresh(epoch),
      onChanged: (objects, epoch) => this.#markChanged(objects, epoch),
      compare: (epoch) => this.#requestComparison(epoch),
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
          // It is over at some time, and then looked at as after a stream that was lost.
          this.#isStale = true
          await setTimeout(retryDelayMs, undefined, { signal: callOptions.signal }).catch(() => {})
          this.#signal.notify()
        }
      }
    } finally {
      unwatch()
      callOptions.signal?.removeEventListener('abort', abort)
    }
  }

  get #batchSize(): number {
    return this.#context.vcenter.pageSizes.defaultSize
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

  /** Those that there are now, and that match. */
  async #matchingMoids(): Promise<string[]> {
    this.#needsComparison = false
    const there = await this.#reader().all(this.#filterPlan().read('name'))
    return there.filter((object) => this.#filter.matches(object)).map(({ ref }) => ref.value)
  }

  /** Finds what the stream did not report: who came or is gone is looked at, and nobody else. */
  async #compare(): Promise<void> {
    const matching = new Set(await this.#matchingMoids())
    for (const moid of matching) if (!this.#sent.has(moid)) this.#dirty.add(moid)
    for (const moid of this.#sent.keys()) if (!matching.has(moid)) this.#dirty.add(moid)
  }

  /** Finds all that fit now. Whoever was told before is looked at again: it may have changed, or be gone. */
  async #scan(initial: boolean): Promise<void> {
    this.#isStale = false
    this.#dirty.clear()
    const matching = await this.#matchingMoids()
    this.#initialMoids = initial ? matching.filter((moid) => !this.#sent.has(moid)) : []
    for (const moid of [...this.#sent.keys(), ...(initial ? [] : matching)]) this.#dirty.add(moid)
  }

  /** Reads these and compares them with what was told. */
  async #diff(moids: readonly string[]): Promise<VirtualMachineChange[]> {
    for (const moid of moids) this.#dirty.delete(moid)
    const refs = moids.map((value) => ({ type: 'VirtualMachine', value }))
    const objects = await this.#reader().objects(refs, this.#selectionPlan().include(this.#filterPlan()))
    const changes: VirtualMachineChange[] = []
    for (const [index, ref] of refs.entries()) {
      const virtualMachine = objects[index] as VirtualMachineObject | undefined
      const lastDigest = this.#sent.get(ref.value)
      if (virtualMachine && this.#filter.matches(virtualMachine)) {
        const digest = this.#digest(virtualMachine)
        this.#sent.set(ref.value, digest)
        if (lastDigest !== digest)
          changes.push({ kind: lastDigest === undefined ? 'ENTER' : 'MODIFY', ref, virtualMachine })
      } else if (this.#sent.delete(ref.value)) changes.push({ kind: 'LEAVE', ref })
    }
    return changes
  }

  /** 48 bits: enough to tell one state of a machine from the next, and a number. */
  #digest(machine: VirtualMachineObject): number {
    const values = this.#paths.map((path) =>
      machine.isUnreadable(path) ? null : machine.read(path as never),
    )
    return createHash('sha1').update(serialize(values)).digest().readUIntBE(0, 6)
  }

  /** One that joins no retrieval of an earlier moment, which may not have seen what is to be looked at. */
  #reader() {
    return this.#context.freshReader(this.#epoch)
  }

  /** What the filter reads. */
  #filterPlan(): PlanNode {
    const node = new PlanNode('VirtualMachine')
    this.#filter.plan(node)
    return node
  }

  /** What the selection reads: planned anew each time, for the pages of connections belong to one reading. */
  #selectionPlan(): PlanNode {
    const node = new PlanNode('VirtualMachine')
    planSelection(this.#info, 'VirtualMachineChangeBatch', node, this.#context)
    return node
  }
}

/** Whether the vCenter could not be reached: what waits for its changes waits for it too. */
function isOutage(error: unknown): boolean {
  const { code, retryable } = classifyError(error)
  return code === 'VCENTER_UNAVAILABLE' && retryable === true
}
