// The gateway's API, as far as a backup needs it: begin a capture, download the map of a disk, end the capture.

import type { Send } from './http.ts'
import { type DiskMap, parseMap } from './map.ts'
import { dataIn, errorIn, nullIfNotFound } from './response.ts'
import { ReportedError, type RetryOptions, retry } from './retry.ts'

export interface CapturedDisk {
  readonly key: number
  readonly label: string
  readonly uuid: string
  readonly capacity: number
  /** The file of the disk, frozen in the snapshot, such as `[vmfs-01] web-01/web-01.vmdk`. */
  readonly fileName: string
  /** Whether the file has only what was written after another snapshot. The file service does not serve it in a form that can be read. */
  readonly isDelta: boolean
  readonly token: string
  readonly basis: 'CHANGES' | 'FULL'
  readonly fullReason: string | null
  /** Where the gateway serves what to copy. */
  readonly mapPath: string
  /** The same, for everything in use. */
  readonly fullMapPath: string
}

export interface Capture {
  /** Global id of the snapshot. */
  readonly snapshot: string
  readonly leaseExpiresAt: string
  /** Inventory path of the datacenter. */
  readonly datacenter: string
  readonly disks: readonly CapturedDisk[]
  /** Why disks are not in the capture. */
  readonly leftOut: readonly string[]
}

/** What is known of a virtual machine before a capture. */
export interface LiveMachine {
  /** Identifies the virtual machine; null if vSphere reports none. */
  readonly instanceUuid: string | null
  /** That of the vCenter; null for an ESXi host. */
  readonly vcenterUuid: string | null
  /** The files that have only what was written after a snapshot. */
  readonly deltas: readonly string[]
}

/** Identifies a virtual machine: by its instance UUID, or by its name if vSphere reports none. */
interface MachineRef {
  /** The name that it has when the backup begins. */
  readonly machine: string
  readonly instanceUuid: string | null
}

/** What identifies a capture: the same request returns the same capture. */
export interface CaptureRequest extends MachineRef {
  readonly idempotencyKey: string
  /** Those of the last complete backup; a disk without one is captured in full. */
  readonly tokens: readonly string[]
  readonly leaseSeconds: number
}

const captureMutation = `mutation BeginBackup($input: CaptureChangesInput!) {
  captureChanges(input: $input) {
    capture {
      snapshot { id virtualMachine { datacenter { path } } }
      leaseExpiresAt
      leftOut { message }
      disks {
        token
        basis
        fullReason
        export { path }
        disk { key label uuid capacity backing { fileName isDelta } areasExport { path } }
      }
    }
  }
}`

const releaseMutation = `mutation EndBackup($snapshot: ID!) {
  releaseCapture(input: { snapshot: $snapshot, waitSeconds: 60 }) {
    virtualMachine { consolidationNeeded }
  }
}`

const snapshotsQuery = `query CapturesOf($machine: VirtualMachineBy!) {
  virtualMachine(by: $machine) { snapshots { id capture { idempotencyKey } } }
}`

const machineQuery = `query MachineToBackUp($machine: String!) {
  virtualMachine(by: { name: $machine }) {
    instanceUuid
    vcenter { instanceUuid }
    disks { backing { fileName diskMode isDelta } }
  }
}`

const existsQuery = `query IsHeld($snapshot: ID!) { node(id: $snapshot) { id } }`

export class Gateway {
  readonly #url: URL
  readonly #send: Send
  readonly #headers: Readonly<Record<string, string>>
  readonly #retry: RetryOptions

  constructor(url: string, send: Send, token?: string, retryOptions: RetryOptions = {}) {
    this.#url = new URL(url)
    this.#send = send
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    this.#retry = retryOptions
  }

  async machine(name: string): Promise<LiveMachine> {
    const { virtualMachine } = await this.#execute(machineQuery, { machine: name })
    if (!virtualMachine) throw new ReportedError(`there is no virtual machine ${name}`, 'NOT_FOUND', false)
    const disks = (virtualMachine.disks ?? []) as readonly { readonly backing: LiveBacking | null }[]
    return {
      instanceUuid: virtualMachine.instanceUuid,
      vcenterUuid: virtualMachine.vcenter.instanceUuid,
      // Snapshots do not include the disks of independent modes.
      deltas: disks.flatMap(({ backing }) =>
        backing?.isDelta && !backing.diskMode?.startsWith('independent') ? [backing.fileName] : [],
      ),
    }
  }

  /** Begins a capture, or finds the one that an interrupted run with the same request has begun. */
  async capture({ machine, instanceUuid, ...request }: CaptureRequest): Promise<Capture> {
    const input = { virtualMachine: lookup({ machine, instanceUuid }), waitSeconds: 60, ...request }
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      // Repeating it is safe: the same key never takes a second snapshot.
      const { captureChanges } = await this.#execute(captureMutation, { input })
      const { capture } = captureChanges
      if (capture)
        return {
          snapshot: capture.snapshot.id,
          leaseExpiresAt: capture.leaseExpiresAt,
          datacenter: capture.snapshot.virtualMachine.datacenter.path,
          leftOut: capture.leftOut.map(({ message }: { readonly message: string }) => message),
          disks: capture.disks.map(toDisk),
        }
    }
    throw new Error('the snapshot was not taken within ten minutes; run the backup again to continue')
  }

  /** Returns the snapshot that a capture holds; undefined if it no longer exists. */
  async snapshotOf({ idempotencyKey, ...request }: CaptureRequest): Promise<string | undefined> {
    const variables = { machine: lookup(request) }
    const { virtualMachine } = await this.#execute(snapshotsQuery, variables).catch(nullIfNotFound)
    const found = (virtualMachine?.snapshots as readonly HeldSnapshot[] | undefined)?.find(
      ({ capture }) => capture?.idempotencyKey === idempotencyKey,
    )
    return found?.id
  }

  /** Whether a snapshot still exists: only then is the data that was read of its files that of the snapshot. */
  async isHeld(snapshot: string): Promise<boolean> {
    const { node } = await this.#execute(existsQuery, { snapshot }).catch(nullIfNotFound)
    if (node === null) return false
    if (node?.id === snapshot) return true
    throw new Error('the gateway did not say whether the snapshot still exists')
  }

  /** Ends a capture; succeeds if it no longer exists. @returns whether files of disks were left behind */
  async release(snapshot: string): Promise<boolean> {
    const { releaseCapture } = await this.#execute(releaseMutation, { snapshot })
    return releaseCapture.virtualMachine?.consolidationNeeded === true
  }

  /** Downloads a map. An incomplete map is an error. */
  async map(path: string): Promise<DiskMap> {
    const url = new URL(path, this.#url)
    return retry(this.#retry, async () => {
      const { status, body } = await this.#send({ method: 'GET', url, headers: this.#headers })
      const text = body.toString()
      if (status !== 200) throw errorIn(status, text)
      try {
        return parseMap(text)
      } catch (error) {
        throw new ReportedError((error as Error).message, 'INVALID_MAP', true)
      }
    })
  }

  // biome-ignore lint/suspicious/noExplicitAny: its shape is that of the document
  #execute(query: string, variables: object): Promise<any> {
    const headers = { 'content-type': 'application/json', accept: 'application/json', ...this.#headers }
    const request = {
      method: 'POST',
      url: this.#url,
      headers,
      body: JSON.stringify({ query, variables }),
    } as const
    return retry(this.#retry, async () => {
      const { status, body } = await this.#send(request)
      return dataIn(status, body.toString())
    })
  }
}

/** The lookup by instance UUID still finds a virtual machine that is renamed during its backup. */
const lookup = ({ machine, instanceUuid }: MachineRef): object =>
  instanceUuid === null ? { name: machine } : { instanceUuid }

interface HeldSnapshot {
  readonly id: string
  readonly capture: { readonly idempotencyKey: string } | null
}

interface LiveBacking {
  readonly fileName: string
  readonly diskMode: string | null
  readonly isDelta: boolean | null
}

// biome-ignore lint/suspicious/noExplicitAny: its shape is that of the document
const toDisk = ({ token, basis, fullReason, export: file, disk }: any): CapturedDisk => ({
  key: disk.key,
  label: disk.label,
  uuid: disk.uuid,
  capacity: Number(disk.capacity),
  fileName: disk.backing.fileName,
  isDelta: disk.backing.isDelta === true,
  token,
  basis,
  fullReason,
  mapPath: file.path,
  fullMapPath: disk.areasExport.path,
})
