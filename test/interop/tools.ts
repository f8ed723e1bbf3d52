// Locates the external clients and servers of the interop tests: those that setup.sh installed, or those on the PATH.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const installed = fileURLToPath(new URL('.tools/', import.meta.url))

/** Environment in which `python3` can import the pyVim that setup.sh installed. */
export const pythonEnvironment = { ...process.env, PYTHONPATH: `${installed}python` }

export const vcsim = find('vcsim', ['-h'])
export const govc = find('govc', ['version'])
export const python = runs('python3', ['-c', 'import pyVim.connect']) ? 'python3' : undefined

/** Debian's packages nbdkit, libnbd-bin and qemu-utils, with curl. */
export const nbdkit = ['nbdkit', 'nbdinfo', 'qemu-img', 'curl'].every((tool) => runs(tool, ['--version']))
  ? 'nbdkit'
  : undefined

/** A Python with the bindings of Debian's package python3-libnbd, which another Python on the PATH does not find. */
export const libnbd = ['python3', '/usr/bin/python3'].find((each) => runs(each, ['-c', 'import nbd']))

/** The folder with the packages of the sample frontends; empty if they are not installed. */
export const clientPackages = existsSync(`${installed}clients/node_modules/vite`) ? `${installed}clients` : ''

const missing = Object.entries({
  vcsim,
  govc,
  pyVmomi: python,
  nbdkit,
  libnbd,
  'sample frontends': clientPackages || undefined,
}).flatMap(([name, found]) => (found === undefined ? [name] : []))
if (missing.length > 0) {
  const message = `${missing.join(', ')} missing: run test/interop/setup.sh`
  if (process.env.CI === 'true') throw new Error(message)
  console.warn(`${message}; the tests that need it are skipped`)
}

function find(name: string, probe: readonly string[]): string | undefined {
  const path = `${installed}bin/${name}`
  if (existsSync(path)) return path
  return runs(name, probe) ? name : undefined
}

function runs(command: string, args: readonly string[]): boolean {
  const { error, status } = spawnSync(command, args, { env: pythonEnvironment, stdio: 'ignore' })
  // Go's flag package exits with 0 or 2 after -h, depending on its version.
  return error === undefined && (status === 0 || args[0] === '-h')
}
