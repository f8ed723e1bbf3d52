// What govc's variables say, in the names of our own, so that nothing behind this knows which family they came from.

import { delimiter } from 'node:path'
import { ConfigError } from '../config-error.ts'
import type { Environment } from '../read-settings.ts'

/** The environment with GOVC_ in the place of VSPHERE_: of the two families only one is ever used. */
export function translateGovc(environment: Environment, readFile: (path: string) => string): Environment {
  const ours = Object.entries(environment).filter(([name]) => !name.startsWith('VSPHERE_'))
  // Anything else, also `yes`, is no to govc.
  const insecure = /^(1|true)$/i.test(environment.GOVC_INSECURE ?? '')
  return {
    ...Object.fromEntries(ours),
    VSPHERE_URL: environment.GOVC_URL,
    VSPHERE_USERNAME: valueOrFile('GOVC_USERNAME', environment, readFile),
    VSPHERE_PASSWORD: valueOrFile('GOVC_PASSWORD', environment, readFile),
    VSPHERE_INSECURE: insecure ? 'true' : undefined,
    VSPHERE_CA_FILE: insecure ? undefined : environment.GOVC_TLS_CA_CERTS,
  }
}

/** The files of a path list. */
export function splitPathList(list: string): string[] {
  return list.split(delimiter).filter((path) => path !== '')
}

/** govc takes the name of a file that exists for its contents. */
function valueOrFile(name: string, environment: Environment, readFile: (path: string) => string) {
  const value = environment[name]
  if (!value) return undefined
  try {
    return readFile(value).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') return value
    throw new ConfigError(`${name} names a file that cannot be read: permission denied`)
  }
}
