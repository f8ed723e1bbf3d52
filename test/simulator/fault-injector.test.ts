// The faults that tests can inject, in this process and over a port.

import { describe, expect, it } from 'vitest'
import { objectSpec, rootFolder, serviceInstance, valuesOf } from './soap-connection.ts'
import { faultOf, startLoggedIn } from './start.ts'

const now = (connection: Awaited<ReturnType<typeof startLoggedIn>>['connection']) =>
  connection.call('CurrentTime', serviceInstance, {})

describe('the fault injector', () => {
  it('responds to the next call of a method with a fault, once', async () => {
    const { connection, simulator } = await startLoggedIn()
    simulator.faults.fault('HostCommunication', { method: 'CurrentTime', message: 'No response.' })
    await connection.call('Fetch', rootFolder, { prop: 'name' })
    expect(await faultOf(now(connection))).toMatchObject({ _typeName: 'HostCommunication' })
    expect(connection.last?.text).toContain('<faultstring>No response.</faultstring>')
    await now(connection)
  })

  it('injects a fault until it is cleared', async () => {
    const { connection, simulator } = await startLoggedIn()
    const fault = { _typeName: 'NoPermission', privilegeId: 'System.View', object: rootFolder }
    const undo = simulator.faults.fault(fault, { times: Number.POSITIVE_INFINITY })
    expect(await faultOf(now(connection))).toMatchObject(fault)
    expect(await faultOf(now(connection))).toMatchObject(fault)
    undo()
    await now(connection)
    simulator.faults.fault(fault)
    simulator.faults.clear()
    await now(connection)
  })

  it('delays calls by the clock', async () => {
    const { connection, simulator, clock } = await startLoggedIn()
    simulator.faults.latency(500, { method: 'CurrentTime' })
    const before = clock.now().getTime()
    const response = now(connection)
    while (simulator.calls.at(-1)?.method !== 'CurrentTime') await new Promise(setImmediate)
    clock.advance(500)
    expect((await response).getTime() - before).toBe(500)
  })

  it('blocks calls until they are released', async () => {
    const { connection, simulator } = await startLoggedIn()
    const hold = simulator.faults.pause({ method: 'CurrentTime' })
    const responses = [now(connection), now(connection)]
    await hold.waitFor(2)
    expect(hold.waiting).toBe(2)
    hold.release()
    await Promise.all(responses)
    await now(connection)
  })

  it('responds 503 with HTML', async () => {
    const { connection, simulator } = await startLoggedIn()
    simulator.faults.unavailable()
    expect(await connection.post('')).toContain('<h1>503 Service Unavailable</h1>')
    expect(connection.last).toMatchObject({ status: 503, headers: { 'content-type': 'text/html' } })
    await now(connection)
  })

  it.each([
    ['unread', 0],
    ['unanswered', 1],
    ['midBody', 1],
  ] as const)('drops the connection: %s', async (how, executed) => {
    const { connection, simulator } = await startLoggedIn()
    simulator.faults.dropConnection(how, { method: 'CurrentTime' })
    simulator.calls.length = 0
    await expect(now(connection)).rejects.toMatchObject({
      name: 'TransportError',
      code: 'CLOSED',
      mayHaveBeenSent: true,
    })
    expect(simulator.calls).toHaveLength(executed)
    await now(connection)
  })

  it('removes objects, and a restart ends all sessions', async () => {
    const { connection, simulator } = await startLoggedIn()
    const vm = simulator.inventory.vm('web-01').ref
    simulator.faults.remove(vm)
    expect(await faultOf(connection.call('Fetch', vm, { prop: 'name' }))).toMatchObject({ obj: vm })
    simulator.faults.restart()
    expect(simulator.live.sessions).toBe(0)
    expect(await faultOf(now(connection))).toMatchObject({ _typeName: 'NotAuthenticated' })
    connection.cookie = undefined
    await connection.login()
    const reply = await connection.retrieve(objectSpec('Folder', ['name'], rootFolder))
    expect(valuesOf(reply?.objects?.[0])).toEqual({ name: 'Datacenters' })
  })
})
