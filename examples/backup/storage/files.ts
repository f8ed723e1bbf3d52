// File operations of a repository. Data is safe only once it and the folder that names it have been synchronized with the disk.

import * as nodeFiles from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** The operations that are used; a test replaces them to end a run at each of them. */
export type Files = Pick<
  typeof nodeFiles,
  'mkdir' | 'open' | 'readFile' | 'readdir' | 'rename' | 'rm' | 'truncate' | 'writeFile'
>

export const localFiles: Files = nodeFiles

/** Writes a file that afterwards exists with either its old or its new content, also after a power failure. */
export async function writeDurably(files: Files, path: string, text: string): Promise<void> {
  const target = await files.open(`${path}.new`, 'w')
  try {
    await target.writeFile(text)
    await target.sync()
  } finally {
    await target.close()
  }
  await files.rename(`${path}.new`, path)
  await syncFolder(files, dirname(path))
}

/** Runs work that writes to a folder. @throws what it throws; if the disk is full, an error that names the folder */
export async function namingFullFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    const reason = code === 'ENOSPC' ? 'its disk is full' : 'its quota is used up'
    throw new Error(`there is no space left in ${resolve(folder)}: ${reason}`, { cause: error })
  }
}

/** Makes new and renamed entries of a folder safe. */
export async function syncFolder(files: Files, path: string): Promise<void> {
  // Windows has no such operation, and needs none.
  if (process.platform === 'win32') return
  const folder = await files.open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Returns the content of a file; undefined if it does not exist. */
export const readIfExists = (files: Files, path: string): Promise<string | undefined> =>
  files.readFile(path, 'utf8').catch((error: { readonly code?: string }) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
