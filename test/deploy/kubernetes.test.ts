// deploy/kubernetes.yaml, as far as it can be tried without a cluster: it is YAML, what it sets is what the gateway has, and what
// it mounts, probes and leads to is there.

import { dirname } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { loadServeConfig } from '../../src/config/config.ts'
import { startServer } from '../../src/gateway/server.ts'
import { read } from '../docs/markdown.ts'
import { configOf, fitForOthers, unknown } from './deployed.ts'

const documents = parseAllDocuments(read('deploy/kubernetes.yaml'))
const objects = documents.map((document) => document.toJS())
const [deployment, service] = ['Deployment', 'Service'].map((kind) =>
  objects.find((each) => each.kind === kind),
)
const { spec: pod, metadata } = deployment.spec.template
const [container] = pod.containers
const env = Object.fromEntries(container.env.map(({ name, value }: Record<string, string>) => [name, value]))
const portOf = (name: string) =>
  container.ports.find((each: { name: string }) => each.name === name).containerPort

it('is YAML, without a key that is there twice', () => {
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([])
  expect(objects.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Deployment', 'Service'])
})

describe('the container', () => {
  const [command, ...argv] = container.args
  const config = configOf(argv, env)

  it('serves with settings that there are', () => {
    expect(command).toBe('serve')
    expect(unknown(env)).toEqual([])
    expect(config).toMatchObject(fitForOthers)
    expect(config.port).toBe(portOf('https'))
    expect(config.admin).toEqual({ host: '0.0.0.0', port: portOf('admin') })
  })

  it('is probed and scraped where it answers', async () => {
    const flags = ['--simulator', '--port', '0', '--admin-port', '0']
    const silent = { info() {}, warn() {}, error() {} }
    const server = await startServer(loadServeConfig({ argv: flags, env: {} }), silent)
    onTestFinished(() => server.stop())
    const probes = [container.livenessProbe, container.readinessProbe].map(({ httpGet }) => httpGet)
    expect(probes.map(({ port }) => port)).toEqual(['admin', 'admin'])
    const scraped = { path: metadata.annotations['prometheus.io/path'] }
    for (const { path } of [...probes, scraped])
      expect((await fetch(new URL(path, server.adminUrl))).status, path).toBe(200)
    expect(Number(metadata.annotations['prometheus.io/port'])).toBe(portOf('admin'))
  })

  it('finds its files where they are mounted', () => {
    const mounts = new Map<string, string>(
      container.volumeMounts.map(({ mountPath, name }: Record<string, string>) => [mountPath, name]),
    )
    const volumes = new Map<string, object>(pod.volumes.map((each: { name: string }) => [each.name, each]))
    const source = (variable: string) => volumes.get(mounts.get(dirname(env[variable])) ?? '')
    for (const name of ['VSPHERE_PASSWORD_FILE', 'TOKEN_FILE'])
      expect(source(name)).toMatchObject({ secret: { secretName: 'vsphere-graphql' } })
    for (const name of ['TLS_CERT', 'TLS_KEY'])
      expect(source(name)).toMatchObject({ secret: { secretName: 'vsphere-graphql-tls' } })
    const map = objects.find(({ kind }) => kind === 'ConfigMap')
    expect(source('VSPHERE_CA_FILE')).toMatchObject({ configMap: { name: map.metadata.name } })
    expect(map.data).toHaveProperty(['vcenter-ca.pem'])
  })

  it('may do no more than it has to', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.resources).toMatchObject({ requests: { memory: '256Mi' }, limits: { memory: '1Gi' } })
  })
})

it('has one gateway at a time, and gives it the time that it needs to stop', () => {
  expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(40)
})

it('holds no secret', () => {
  expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([])
})

it('has a Service that leads to the gateway, and not to its figures', () => {
  expect(service.spec.selector).toEqual(deployment.spec.selector.matchLabels)
  expect(metadata.labels).toMatchObject(service.spec.selector)
  expect(service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(['https'])
})
