// The SOAP proxy of the tests: forwards, rewrites, drops and delays calls.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../src/simulator/index.ts'
import { type SoapProxy, soapEnvelope, soapFault, startSoapProxy } from './soap-proxy.ts'

const currentTime = soapEnvelope(
  '<CurrentTime xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime>',
)
const login = soapEnvelope(
  '<Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>user</userName><password>pass</password></Login>',
)

let simulator: Simulator
let proxy: SoapProxy
beforeEach(async () => {
  simulator = createSimulator()
  proxy = await startSoapProxy((await simulator.listen()).origin)
})
afterEach(async () => {
  await proxy.close()
  await simulator.close()
})

const post = (body: string) =>
  fetch(`${proxy.url}/sdk`, { method: 'POST', body, headers: { 'content-type': 'text/xml' } })

describe('SOAP proxy', () => {
  test('forwards calls without a handler', async () => {
    const response = await post(login)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<LoginResponse')
    expect(proxy.calls).toEqual(['Login'])
  })

  test('rewrites a response, as often as a handler is installed for', async () => {
    proxy.on('Login', (call) => call.rewrite((text) => text.replaceAll('>user<', '>root<')), { times: 1 })
    expect(await (await post(login)).text()).toContain('<userName>root</userName>')
    expect(await (await post(login)).text()).not.toContain('root')
  })

  test('cuts the connection and executes the call later', async () => {
    let late: (() => Promise<unknown>) | undefined
    proxy.on('Login', (call) => {
      late = call.forward
      call.dropConnection()
    })
    await expect(post(login)).rejects.toThrow()
    const before = simulator.calls.filter(({ method }) => method === 'Login').length
    await late?.()
    expect(simulator.calls.filter(({ method }) => method === 'Login').length).toBe(before + 1)
  })

  test('responds with a fault without executing the call', async () => {
    proxy.on('CurrentTime', (call) => call.respond(500, soapFault('NotAuthenticated')))
    const response = await post(currentTime)
    expect(response.status).toBe(500)
    expect(await response.text()).toContain('xsi:type="NotAuthenticated"')
    expect(simulator.calls).toEqual([])
  })
})
