// Translates govc's variables to our own, so that later code does not depend on the family.

import { delimiter } from 'node:path'
import { ConfigError } from '../config-error.ts'
import type { Environment } from '../read-settings.ts'

/**
 * Returns the environment with GOVC_ variables in place of VSPHERE_ ones, as only one family is ever used.
 */
export function translateGovc(environment: Environment, readFile: (path: string) => string): Environment {
  const otherVariables = Object.entries(environment).filter(([name]) => !name.startsWith('VSPHERE_'))
  // govc treats any other value, including `yes`, as false.
  const insecure = /^(1|true)$/i.test(environment.GOVC_INSECURE ?? '')
  return {
    ...Object.fromEntries(otherVariables),
    VSPHERE_URL: environment.GOVC_URL,
    VSPHERE_USERNAME: valueOrFile('GOVC_USERNAME', environment, readFile),
    VSPHERE_PASSWORD: valueOrFile('GOVC_PASSWORD', environment, readFile),
    VSPHERE_INSECURE: insecure ? 'true' : undefined,
    VSPHERE_CA_FILE: insecure ? undefined : environment.GOVC_TLS_CA_CERTS,
  }
}

/** Splits a path list into its files. */
export function splitPathList(list: string): string[] {
  return list.split(delimiter).filter((path) => path !== '')
}

/** If the value is the name of an existing file, govc uses the file's contents. */
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
