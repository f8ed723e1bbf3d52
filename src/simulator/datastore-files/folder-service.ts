// The files of datastores over HTTP, as a vCenter serves them: GET /folder/<path>?dcPath=<datacenter>&dsName=<datastore>. Only the
// extents of disks are served (<name>-flat.vmdk), whose bytes follow from the write history; everything else is 404.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Access } from '../authorization/access.ts'
import { contentsAt } from '../disk/contents.ts'
import { chainOf, type Disk, type DiskFile } from '../disk/disk.ts'
import type { Point } from '../disk/write-history.ts'
import type { HttpReply, HttpRequest } from '../service/web-service.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { snapshotsOf } from '../virtual-machine/layout.ts'
import { type Machine, machineOf, recordGuestWrites } from '../virtual-machine/machine.ts'

/** A part of a file, as the header Range requests it: bytes from `start` up to, but not including, `end`. */
interface Part {
  readonly start: number
  readonly end: number
}

/** The most that one response holds: the whole of a small disk. A larger part is cut, which 206 allows. */
const maxPartBytes = 64 * 1024 * 1024

const prefix = '/folder/'

/** Needed on the datacenter and on the datastore, as VMware's guide to HTTP access says. Which status a lack has is an assumption. */
const privileges = ['Datastore.Browse', 'Datastore.FileManagement']

export class FolderService {
  readonly #objects: SimulatedInventory
  readonly #accessOf: (request: HttpRequest) => Access | undefined

  /** @param accessOf returns the access of the session whose cookie a request has */
  constructor(objects: SimulatedInventory, accessOf: (request: HttpRequest) => Access | undefined) {
    this.#objects = objects
    this.#accessOf = accessOf
  }

  handle(request: HttpRequest): HttpReply | undefined {
    const url = new URL(request.path, 'http://localhost')
    if (!url.pathname.startsWith(prefix)) return undefined
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return text(405, 'Method Not Allowed', { allow: 'GET, HEAD' })
    const access = this.#accessOf(request)
    if (!access) return text(401, 'Unauthorized', { 'www-authenticate': 'Basic realm="VMware HTTP server"' })
    const { datacenter, datastore } = this.#find(url.searchParams) ?? {}
    if (!datacenter || !datastore || !access.canView(datastore)) return text(404, 'Not Found')
    const isAllowed = privileges.every((id) => access.has(datacenter, id) && access.has(datastore, id))
    if (!isAllowed) return text(403, 'Forbidden')
    const name = String(this.#objects.find(datastore)?.get('name'))
    const extent = this.#extent(`[${name}] ${decodeURIComponent(url.pathname.slice(prefix.length))}`)
    if (!extent) return text(404, 'Not Found')
    // The host has the file open for writing.
    if (!extent.point) return text(500, 'Internal Server Error')
    return send(extent.disk, extent.point, request)
  }

  /** Returns the datacenter of a path, and its datastore of a name. */
  #find(query: URLSearchParams) {
    const [path, name] = [query.get('dcPath'), query.get('dsName')]
    if (path === null || name === null) return undefined
    for (const datacenter of this.#objects.ofType('Datacenter')) {
      if (this.#pathOf(datacenter.ref) !== path.replace(/^\/|\/$/g, '')) continue
      const datastores = datacenter.get('datastore') as readonly ManagedObjectReference[]
      const datastore = datastores.find((each) => this.#objects.find(each)?.get('name') === name)
      return { datacenter: datacenter.ref, datastore }
    }
    return undefined
  }

  #pathOf(ref: ManagedObjectReference): string {
    const object = this.#objects.find(ref)
    const parent = object?.get('parent') as ManagedObjectReference | undefined
    if (!object || !parent) return ''
    const above = this.#pathOf(parent)
    return above === '' ? String(object.get('name')) : `${above}/${object.get('name')}`
  }

  /**
   * Returns the disk whose base file has this extent, and the point that its contents are from: the oldest snapshot, or the present.
   * The point is undefined while a running machine writes to the file. Delta files have another format and are not served.
   */
  #extent(path: string): { readonly disk: Disk; readonly point: Point | undefined } | undefined {
    const [, base] = /^(.*)-flat\.vmdk$/.exec(path) ?? []
    if (base === undefined) return undefined
    for (const object of this.#objects.ofType('VirtualMachine')) {
      const machine = machineOf(object)
      for (const { disk, head } of headsOf(machine)) {
        const [file] = chainOf(head)
        if (!file || file.name !== `${base}.vmdk` || disk.rawDevice) continue
        if (file.until) return { disk, point: file.until }
        if (machine.powerState === 'poweredOn') return { disk, point: undefined }
        recordGuestWrites(machine, this.#objects.clock.now())
        return { disk, point: disk.history.now }
      }
    }
    return undefined
  }
}

/** The last files of the disks of a machine and of its snapshots. */
const headsOf = (machine: Machine): { readonly disk: Disk; readonly head: DiskFile }[] => [
  ...machine.disks.map((disk) => ({ disk, head: disk.head })),
  ...snapshotsOf(machine).flatMap(({ disks }) => disks),
]

function send(disk: Disk, point: Point, { method, headers }: HttpRequest): HttpReply {
  const size = disk.capacity
  const part = partOf(String(headers.range ?? ''), size)
  if (part === 'invalid') return text(416, 'Range Not Satisfiable', { 'content-range': `bytes */${size}` })
  const start = part?.start ?? 0
  const end = part ? Math.min(part.end, start + maxPartBytes) : size
  if (!part && size > maxPartBytes && method === 'GET')
    return text(413, `The simulator sends at most ${maxPartBytes} bytes at once. Send a Range header.`)
  return {
    status: part ? 206 : 200,
    headers: {
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'content-length': String(end - start),
      ...(part && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    },
    body: method === 'HEAD' ? '' : contentsAt(disk, point, start, end - start),
  }
}

/** Reads a header Range with one part; undefined without one, or with several, which a server may ignore. */
function partOf(range: string, size: number): Part | 'invalid' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range.replaceAll(' ', '')) ?? []
  if (first === '' && last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  return start < size && start < end ? { start, end } : 'invalid'
}

const text = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpReply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body: `${body}\n`,
})
