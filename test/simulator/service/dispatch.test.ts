// How the simulator dispatches requests, valid and invalid, to its methods.

import { describe, expect, it } from 'vitest'
import { createSimulator } from '../../../src/simulator/index.ts'
import { encodeRequest } from '../../../src/soap/envelope.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { noLiveObjects } from '../../vim25/connect.ts'
import { objectSpec, readText, rootFolder, serviceInstance, sessionManager } from '../soap-connection.ts'
import { faultOf, start, startLoggedIn } from '../start.ts'

const envelope = (body: string) =>
  `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${body}</Body></Envelope>`

describe('the service', () => {
  it('returns its identity without a login, the same for the same seed', async () => {
    const about = async (seed: number) =>
      (await start({ seed }).connect().call('RetrieveServiceContent', serviceInstance, {})).about
    const first = await about(1)
    expect(first).toMatchObject({ apiType: 'VirtualCenter', apiVersion: '8.0.2.0', productLineId: 'vpx' })
    expect((await about(1)).instanceUuid).toBe(first.instanceUuid)
    expect((await about(2)).instanceUuid).not.toBe(first.instanceUuid)
  })

  it('references only existing managers', async () => {
    const { connection } = await startLoggedIn()
    const { about, ...content } = await connection.call('RetrieveServiceContent', serviceInstance, {})
    const refs = Object.values(content).filter((each) => typeof each === 'object')
    expect(refs.length).toBeGreaterThan(6)
    for (const obj of refs as ManagedObjectReference[]) {
      const spec = { propSet: [{ type: obj.type, all: true }], objectSet: [{ obj }] }
      expect((await connection.retrieve(spec))?.objects, obj.type).toHaveLength(1)
    }
  })

  it.each([
    ['InvalidProperty', objectSpec('Folder', ['nonsense'], rootFolder)],
    ['InvalidProperty', objectSpec('ClusterComputeResource', ['configurationEx.dasConfig'], rootFolder)],
  ])('returns an empty message for %s, as a vCenter does', async (fault, spec) => {
    const { connection } = await startLoggedIn()
    expect(await faultOf(connection.retrieve(spec))).toMatchObject({ _typeName: fault })
    expect(connection.last?.text).toContain('<faultstring></faultstring>')
  })

  it('writes times with six fraction digits', async () => {
    const { connection } = await startLoggedIn()
    await connection.call('CurrentTime', serviceInstance, {})
    expect(connection.last?.text).toContain('<returnval>2026-01-05T08:00:00.000000Z</returnval>')
  })

  it('lists its versions, with an internal name before the numbers', async () => {
    const transport = start().simulator.transport()
    const response = await transport.send({ method: 'GET', path: '/sdk/vimServiceVersions.xml', headers: {} })
    expect(await readText(response)).toMatch(
      /<version>uA046D008<\/version><priorVersions><version>8\.0\.2\.0<\/version>.*<version>6\.5<\/version>/,
    )
  })

  it('responds 405 to GET /sdk and 404 elsewhere', async () => {
    const transport = start().simulator.transport()
    expect((await transport.send({ method: 'GET', path: '/sdk', headers: {} })).status).toBe(405)
    expect((await transport.send({ method: 'POST', path: '/elsewhere', headers: {} })).status).toBe(404)
  })

  it.each([
    ['an empty body', ''],
    ['HTML', '<html><body>hello</body></html>'],
    ['a truncated envelope', envelope('<Logout').slice(0, -20)],
    ['a document type declaration', `<!DOCTYPE a [<!ENTITY b "c">]>${envelope('')}`],
    ['a body without a call', envelope('')],
    ['a call without an object', envelope('<Logout xmlns="urn:vim25"/>')],
    ['an object without a type', envelope('<Logout xmlns="urn:vim25"><_this>a</_this></Logout>')],
    ['binary data', '\u0000\uffff<<<>>>'],
    ['deep nesting', envelope('<a>'.repeat(5000))],
    [
      'an invalid argument',
      envelope('<DestroyView xmlns="urn:vim25"><_this type="View"><b/></_this></DestroyView>'),
    ],
  ])('responds to %s with a fault', async (_, body) => {
    const { connection } = await startLoggedIn()
    const text = await connection.post(body)
    expect(connection.last?.status).toBe(500)
    expect(text).toMatch(/xsi:type="(InvalidRequest|ManagedObjectNotFound)"/)
  })

  it('returns MethodNotFound for an unknown method, and for a method of another type', async () => {
    const { connection } = await startLoggedIn()
    const text = await connection.post(
      envelope('<Explode xmlns="urn:vim25"><_this type="Folder">group-d1</_this></Explode>'),
    )
    expect(connection.last?.status).toBe(500)
    expect(text).toContain(
      'xsi:type="MethodNotFound"><receiver type="Folder">group-d1</receiver><method>Explode</method>',
    )
    expect(await faultOf(connection.call('Logout', rootFolder, {}))).toMatchObject({
      _typeName: 'MethodNotFound',
      method: 'Logout',
    })
  })

  it('rejects a call without a required argument', async () => {
    const { connection } = await startLoggedIn()
    await connection.post(
      encodeRequest('Fetch', rootFolder, { prop: 'name' }).replace('<prop>name</prop>', ''),
    )
    expect(connection.last?.text).toContain('xsi:type="InvalidRequest"')
  })

  it.each(['__proto__', 'constructor', 'toString', ''])(
    'rejects an unknown object called %j, and an unknown method',
    async (name) => {
      const { connection } = await startLoggedIn()
      const self = { type: 'Folder', value: name }
      expect(await faultOf(connection.call('Fetch', self, { prop: 'name' }))).toMatchObject({
        _typeName: 'ManagedObjectNotFound',
        obj: self,
      })
      expect(await faultOf(connection.call('Fetch', rootFolder, { prop: name }))).toMatchObject({
        _typeName: 'InvalidProperty',
      })
    },
  )

  it('rejects a reference with the wrong type', async () => {
    const { connection } = await startLoggedIn()
    const self = { type: 'VirtualMachine', value: rootFolder.value }
    expect(await faultOf(connection.call('Fetch', self, { prop: 'name' }))).toMatchObject({ obj: self })
  })

  it('records calls with their session, and no password', async () => {
    const { simulator, connection, session } = await startLoggedIn()
    await connection.call('CurrentTime', serviceInstance, {})
    expect(simulator.calls).toEqual([
      {
        method: 'Login',
        self: sessionManager,
        args: { userName: 'user', password: '********', locale: 'en_US' },
        sessionKey: undefined,
      },
      { method: 'CurrentTime', self: serviceInstance, args: {}, sessionKey: session.key },
    ])
    simulator.calls.length = 0
    expect(simulator.calls).toEqual([])
  })

  it('closes cleanly any number of times', async () => {
    const simulator = createSimulator()
    await simulator.close()
    await simulator.close()
    expect(simulator.live).toEqual(noLiveObjects)
  })
})
