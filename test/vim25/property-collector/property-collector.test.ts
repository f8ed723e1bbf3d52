// Tests complete retrievals with RetrievePropertiesEx: all pages, without missing objects and without
// properties that the server does not know.

import { describe, expect, it } from 'vitest'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { getContainerView } from '../../../src/vim25/property-collector/container-views.ts'
import { retrieveProperties } from '../../../src/vim25/property-collector/property-collector.ts'
import type {
  ObjectContent,
  PropertyFilterSpec,
} from '../../../src/vim25/property-collector/retrieval-types.ts'
import { UnknownProperties } from '../../../src/vim25/property-collector/unknown-properties.ts'
import type { CallOptions } from '../../../src/vim25/session/call-options.ts'
import type { Login } from '../../../src/vim25/session/login.ts'
import { connect, errorOf, rewriting, vmRef, waitUntil } from '../connect.ts'

type Paths = Readonly<Record<string, readonly string[]>>

const propSetOf = (paths: Paths) => Object.entries(paths).map(([type, pathSet]) => ({ type, pathSet }))

const objectsSpec = (
  paths: Paths,
  refs: readonly ManagedObjectReference[],
  report = true,
): PropertyFilterSpec => ({
  propSet: propSetOf(paths),
  objectSet: refs.map((obj) => ({ obj })),
  reportMissingObjectsInResults: report,
})

async function collected(
  login: Login,
  specSet: readonly PropertyFilterSpec[],
  unknown: UnknownProperties,
  callOptions: CallOptions,
): Promise<ObjectContent[]> {
  const objects: ObjectContent[] = []
  await retrieveProperties(login, specSet, unknown, callOptions, (object) => objects.push(object))
  return objects
}

function start(options: Parameters<typeof connect>[0] = {}) {
  const connected = connect(options)
  const reported: string[] = []
  const unknown = new UnknownProperties((type, path) => reported.push(`${type}.${path}`))
  const retrieve = (specSet: readonly PropertyFilterSpec[], callOptions: CallOptions = {}) =>
    connected.session.withLogin((login) => collected(login, specSet, unknown, callOptions), callOptions)
  /** Selects all objects of a type in the inventory, through a view. */
  const retrieveAll = (type: 'VirtualMachine', pathSet: readonly string[], callOptions: CallOptions = {}) =>
    connected.session.withLogin(async (login) => {
      const view = await getContainerView(login, type, {})
      const spec = {
        propSet: [{ type, pathSet }],
        objectSet: [
          {
            obj: view,
            skip: true,
            selectSet: [{ _typeName: 'TraversalSpec', type: 'ContainerView', path: 'view', skip: false }],
          },
        ],
        reportMissingObjectsInResults: true,
      }
      return collected(login, [spec], unknown, callOptions)
    }, callOptions)
  return { ...connected, reported, unknown, retrieve, retrieveAll }
}

const pathsRequested = (calls: ReturnType<typeof start>['simulator']['calls']) =>
  calls
    .filter(({ method }) => method === 'RetrievePropertiesEx')
    .map(({ args }) =>
      (args.specSet as PropertyFilterSpec[]).flatMap(({ propSet = [] }) =>
        propSet.flatMap(({ type, pathSet = [] }) => pathSet.map((path) => `${type}.${path}`)),
      ),
    )

describe('retrieval pages', () => {
  it.each([1, 2, 5, 7])(
    'of %i are all read, each object once, although no page size was requested',
    async (pageSize) => {
      const { simulator, retrieveAll, counts } = start({ vms: 14 })
      const complete = await retrieveAll('VirtualMachine', ['name', 'runtime.powerState'])
      expect(complete).toHaveLength(14)
      simulator.calls.length = 0
      simulator.faults.pageSize = pageSize
      expect(await retrieveAll('VirtualMachine', ['name', 'runtime.powerState'])).toEqual(complete)
      expect(counts()).toEqual({
        RetrievePropertiesEx: 1,
        ContinueRetrievePropertiesEx: Math.ceil(14 / pageSize) - 1,
      })
    },
  )

  it('are requested with a size of a thousand', async () => {
    const { simulator, retrieveAll, counts } = start({ vms: 1_001 })
    const complete = await retrieveAll('VirtualMachine', ['name'])
    expect(new Set(complete.map(({ obj }) => obj.value)).size).toBe(1_001)
    expect(counts()).toMatchObject({ RetrievePropertiesEx: 1, ContinueRetrievePropertiesEx: 1 })
    const requested = simulator.calls.find(({ method }) => method === 'RetrievePropertiesEx')
    expect(requested?.args.options).toMatchObject({ maxObjects: 1_000 })
  })

  it('that list an unset property without a value report nothing for it', async () => {
    const unset = '<propSet><name>snapshot</name></propSet></objects>'
    const { simulator, retrieveAll } = start({
      vms: 14,
      wrap: rewriting((text) =>
        text.includes('<ContinueRetrievePropertiesExResponse') ? text.replaceAll('</objects>', unset) : text,
      ),
    })
    const complete = await retrieveAll('VirtualMachine', ['name'])
    simulator.faults.pageSize = 5
    expect(await retrieveAll('VirtualMachine', ['name'])).toEqual(complete)
  })

  it('that are no longer needed are cancelled on the server', async () => {
    const { simulator, retrieveAll, counts } = start({ vms: 14 })
    simulator.faults.pageSize = 5
    const hold = simulator.faults.pause({ method: 'ContinueRetrievePropertiesEx' })
    const abort = new AbortController()
    const error = errorOf(retrieveAll('VirtualMachine', ['name'], { signal: abort.signal }))
    await hold.waitFor()
    abort.abort()
    expect((await error).name).toBe('AbortError')
    await waitUntil(() => counts().CancelRetrievePropertiesEx === 1)
    const [continued, cancelled] = ['ContinueRetrievePropertiesEx', 'CancelRetrievePropertiesEx'].map(
      (method) => simulator.calls.find((call) => call.method === method),
    )
    expect(cancelled?.args).toEqual(continued?.args)
  })

  it('do not delay a caller that has aborted, even if the server does not respond', async () => {
    const { simulator, retrieveAll } = start({ vms: 14 })
    simulator.faults.pageSize = 5
    const hold = simulator.faults.pause({ method: 'ContinueRetrievePropertiesEx' })
    simulator.faults.pause({ method: 'CancelRetrievePropertiesEx' })
    const abort = new AbortController()
    const error = errorOf(retrieveAll('VirtualMachine', ['name'], { signal: abort.signal }))
    await hold.waitFor()
    abort.abort()
    expect((await error).name).toBe('AbortError')
  })

  it('start over when the session ends between them', async () => {
    const { simulator, retrieveAll, counts } = start({ vms: 14 })
    const complete = await retrieveAll('VirtualMachine', ['name'])
    simulator.faults.pageSize = 5
    const hold = simulator.faults.pause({ method: 'RetrievePropertiesEx', times: 1 })
    const retrieved = retrieveAll('VirtualMachine', ['name'])
    await hold.waitFor()
    hold.release()
    simulator.faults.fault('NotAuthenticated', { method: 'ContinueRetrievePropertiesEx' })
    expect(await retrieved).toEqual(complete)
    expect(counts()).toMatchObject({ Login: 2, CreateContainerView: 2 })
  })
})

describe('an empty result', () => {
  it('is an empty list in the response formats of both servers', async () => {
    const { simulator, retrieve } = start()
    const spec = [objectsSpec({ Datastore: ['name'] }, [vmRef(simulator, 'web-01')])]
    expect(await retrieve(spec)).toEqual([])
    const vcsim = start({
      wrap: rewriting((text) =>
        text.replace(/(<RetrievePropertiesExResponse[^>]*>)(?=<\/)/, '$1<returnval></returnval>'),
      ),
    })
    expect(await vcsim.retrieve(spec)).toEqual([])
  })
})

describe('a reference to a missing object', () => {
  const missing = { type: 'VirtualMachine', value: 'vm-999999' }

  it('is left out', async () => {
    const { simulator, retrieve, counts } = start()
    const living = vmRef(simulator, 'web-01')
    const objects = await retrieve([objectsSpec({ VirtualMachine: ['name'] }, [missing, living])])
    expect(objects.map(({ obj }) => obj)).toEqual([living])
    expect(counts().RetrievePropertiesEx).toBe(1)
  })

  it.each([1, 2, 5])('is left out on a server that fails the call for it: %i of them', async (count) => {
    const { simulator, retrieve, counts } = start()
    const living = vmRef(simulator, 'web-01')
    const many = Array.from({ length: count }, (_, index) => ({
      type: 'VirtualMachine',
      value: `vm-9999${index}`,
    }))
    const objects = await retrieve([objectsSpec({ VirtualMachine: ['name'] }, [...many, living], false)])
    expect(objects.map(({ obj }) => obj)).toEqual([living])
    expect(counts().RetrievePropertiesEx).toBe(count + 1)
  })

  it('leaves nothing to request when it is the only one', async () => {
    const { retrieve, counts } = start()
    expect(await retrieve([objectsSpec({ VirtualMachine: ['name'] }, [missing], false)])).toEqual([])
    expect(counts().RetrievePropertiesEx).toBe(1)
  })

  it('stays left out while unknown properties are detected', async () => {
    const { simulator, retrieve, counts, reported } = start()
    const living = vmRef(simulator, 'web-01')
    const objects = await retrieve([
      objectsSpec({ VirtualMachine: ['name', 'config.tomorrow'] }, [missing, living], false),
    ])
    expect(objects.map(({ obj }) => obj)).toEqual([living])
    expect(reported).toEqual(['VirtualMachine.config.tomorrow'])
    expect(counts().RetrievePropertiesEx).toBe(3)
  })

  it.each([
    ['of this session shows that the session has ended', (key: string) => key, 2],
    ['of another session, made up by a caller, ends no session', () => '52bb', 1],
  ])('that is a view %s', async (_, keyOf, times) => {
    const { session, retrieve, counts } = start()
    const { key } = await session.ensureLogin()
    const view = { type: 'ContainerView', value: `session[${keyOf(key)}]5286` }
    const error = await errorOf(retrieve([objectsSpec({ VirtualMachine: ['name'] }, [view], false)]))
    expect(error).toMatchObject({ faultName: 'ManagedObjectNotFound' })
    expect(counts()).toMatchObject({ Login: times, RetrievePropertiesEx: times })
  })

  it('is reported when it was not requested', async () => {
    const { simulator, retrieve, counts } = start()
    simulator.faults.fault(
      { _typeName: 'ManagedObjectNotFound', obj: missing },
      { method: 'RetrievePropertiesEx' },
    )
    const spec = [objectsSpec({ VirtualMachine: ['name'] }, [vmRef(simulator, 'web-01')])]
    expect(await errorOf(retrieve(spec))).toMatchObject({ faultName: 'ManagedObjectNotFound' })
    expect(counts().RetrievePropertiesEx).toBe(1)
  })
})

describe('a property that the server does not know', () => {
  it('is dropped, remembered and reported once', async () => {
    const { simulator, retrieve, reported } = start()
    const vm = vmRef(simulator, 'web-01')
    const spec = [objectsSpec({ VirtualMachine: ['name', 'config.tomorrow', 'overallStatus'] }, [vm])]
    for (let turn = 0; turn < 3; turn += 1) {
      const [object] = await retrieve(spec)
      expect(object?.propSet?.map(({ name }) => name).sort()).toEqual(['name', 'overallStatus'])
    }
    expect(reported).toEqual(['VirtualMachine.config.tomorrow'])
    expect(pathsRequested(simulator.calls)).toEqual([
      ['VirtualMachine.name', 'VirtualMachine.config.tomorrow', 'VirtualMachine.overallStatus'],
      ...Array.from({ length: 3 }, () => ['VirtualMachine.name', 'VirtualMachine.overallStatus']),
    ])
  })

  it('is detected among several', async () => {
    const { simulator, retrieve, reported } = start()
    const vm = vmRef(simulator, 'web-01')
    const [object] = await retrieve([
      objectsSpec({ VirtualMachine: ['a', 'name', 'config.b', 'runtime.c'] }, [vm]),
    ])
    expect(object?.propSet).toMatchObject([{ name: 'name' }])
    expect([...reported].sort()).toEqual([
      'VirtualMachine.a',
      'VirtualMachine.config.b',
      'VirtualMachine.runtime.c',
    ])
  })

  it.each([
    [['Datastore'], ['Datastore', 'VirtualMachine']],
    [['Datastore'], ['VirtualMachine', 'HostSystem', 'Datastore']],
    [
      ['Datastore', 'Network'],
      ['VirtualMachine', 'Datastore', 'Network'],
    ],
    [
      ['Datastore', 'Network'],
      ['Datastore', 'HostSystem', 'Network', 'VirtualMachine'],
    ],
    [
      ['Datastore', 'Network', 'Folder'],
      ['Network', 'VirtualMachine', 'Datastore', 'Folder', 'HostSystem'],
    ],
  ])('is dropped for %j only, when %j are requested with it', async (lacking, types) => {
    const { simulator, retrieve, reported } = start()
    const paths = Object.fromEntries(types.map((type) => [type, ['name', 'runtime.powerState']]))
    const vm = vmRef(simulator, 'web-01')
    const objects = await retrieve([objectsSpec(paths, [vm])])
    expect([...reported].sort()).toEqual(lacking.map((type) => `${type}.runtime.powerState`).sort())
    expect(objects[0]?.propSet?.map(({ name }) => name)).toContain('runtime.powerState')
  })

  it('on one type does not hide another one that other types lack', async () => {
    const { simulator, retrieve, reported } = start()
    const vm = vmRef(simulator, 'web-01')
    await retrieve([
      objectsSpec(
        {
          Datastore: ['runtime.powerState', 'summary.url'],
          VirtualMachine: ['summary.url', 'runtime.powerState', 'name'],
        },
        [vm],
      ),
    ])
    expect([...reported].sort()).toEqual(['Datastore.runtime.powerState', 'VirtualMachine.summary.url'])
  })

  it('is reported in missingSet by vcsim, and dropped from the next retrieval', async () => {
    const { simulator, retrieve, reported } = start({
      wrap: rewriting((text) =>
        text.replace(
          /<propSet><name>overallStatus<\/name><val[^>]*>[^<]*<\/val><\/propSet>(.*?)<\/objects>/gs,
          '$1<missingSet><path>overallStatus</path><fault><fault xsi:type="InvalidProperty"><name>overallStatus</name></fault><localizedMessage></localizedMessage></fault></missingSet></objects>',
        ),
      ),
    })
    const vm = vmRef(simulator, 'web-01')
    const spec = [objectsSpec({ VirtualMachine: ['overallStatus', 'name'] }, [vm])]
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await retrieve(spec))[0]?.propSet).toMatchObject([{ name: 'name', val: 'web-01' }])
    }
    expect(reported).toEqual(['VirtualMachine.overallStatus'])
    expect(pathsRequested(simulator.calls)).toEqual([
      ['VirtualMachine.overallStatus', 'VirtualMachine.name'],
      ['VirtualMachine.name'],
      ['VirtualMachine.name'],
    ])
  })

  it('is an error without retries when the fault names a property that was not requested', async () => {
    const { simulator, retrieve, counts, reported } = start()
    simulator.faults.fault(
      { _typeName: 'InvalidProperty', name: 'elsewhere' },
      { method: 'RetrievePropertiesEx', times: 1000 },
    )
    const spec = [objectsSpec({ VirtualMachine: ['name'] }, [vmRef(simulator, 'web-01')])]
    expect(await errorOf(retrieve(spec))).toMatchObject({ faultName: 'InvalidProperty' })
    expect(counts().RetrievePropertiesEx).toBe(1)
    expect(reported).toEqual([])
  })

  it('does not cause endless retries when it is named repeatedly, and no property is blamed', async () => {
    const { simulator, retrieve, counts, reported } = start()
    simulator.faults.fault(
      { _typeName: 'InvalidProperty', name: 'name' },
      { method: 'RetrievePropertiesEx', times: 1000 },
    )
    const spec = [
      objectsSpec({ VirtualMachine: ['name'], HostSystem: ['name'], Folder: ['name'] }, [
        vmRef(simulator, 'web-01'),
      ]),
    ]
    expect(await errorOf(retrieve(spec))).toMatchObject({ faultName: 'InvalidProperty' })
    expect(counts().RetrievePropertiesEx).toBeLessThanOrEqual(10)
    expect(reported).toEqual([])
  })
})

describe('a property that may not be read', () => {
  it('is missing on its object, and does not end the session', async () => {
    const { simulator, retrieve, counts } = start()
    const [one, other] = [vmRef(simulator, 'web-01'), vmRef(simulator, '007')]
    simulator.faults.deny(one, 'name')
    const objects = await retrieve([objectsSpec({ VirtualMachine: ['name'] }, [one, other])])
    expect(objects).toMatchObject([
      { missingSet: [{ path: 'name', fault: { fault: { _typeName: 'NoPermission' } } }] },
      { propSet: [{ name: 'name', val: '007' }] },
    ])
    expect(counts().Login).toBe(1)
  })
})

describe('objects and properties that were not requested', () => {
  const reason = (path: string, fault: string) =>
    `<missingSet><path>${path}</path><fault><fault xsi:type="${fault}"></fault></fault></missingSet>`
  const withExtraContent = (flood: string) =>
    start({ wrap: rewriting((text) => text.replaceAll('</objects>', `${flood}</objects>`)) })

  it('are dropped, and neither remembered nor reported as unknown', async () => {
    const flood = Array.from({ length: 3_000 }, (_, at) => reason(`made.up${at}`, 'InvalidProperty')).join('')
    const { simulator, retrieve, reported } = withExtraContent(
      `<propSet><name>config</name><val xsi:type="xsd:string">x</val></propSet>${flood}`,
    )
    const spec = [objectsSpec({ VirtualMachine: ['name'] }, [vmRef(simulator, 'web-01')])]
    expect(await retrieve(spec)).toMatchObject([
      { propSet: [{ name: 'name', val: 'web-01' }], missingSet: [] },
    ])
    expect(reported).toEqual([])
  })

  it('do not hide why a property is missing, and that reason is kept once', async () => {
    const { simulator, retrieve } = withExtraContent(
      reason('overallStatus', 'NoPermission').repeat(3_000) + reason('elsewhere', 'NotAuthenticated'),
    )
    const spec = [objectsSpec({ VirtualMachine: ['name'] }, [vmRef(simulator, 'web-01')])]
    simulator.calls.length = 0
    const [object] = await retrieve([
      { ...spec[0], propSet: [{ type: 'VirtualMachine', pathSet: ['name', 'overallStatus'] }] },
    ])
    expect(object?.missingSet).toMatchObject([
      { path: 'overallStatus', fault: { fault: { _typeName: 'NoPermission' } } },
    ])
  })

  it('are remembered as unknown properties only up to a limit', () => {
    const found: string[] = []
    const unknown = new UnknownProperties((type, path) => found.push(`${type}.${path}`))
    for (let at = 0; at < 10_000; at += 1) unknown.add(`Type${at}`, 'config')
    expect(found).toHaveLength(2_000)
    expect(unknown.filterKnown('Type9999', ['config'])).toEqual(['config'])
  })
})
