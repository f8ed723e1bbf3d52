// The fetcher of GraphiQL: sends operations and records them as runs of the active tab.

import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit'
import { getOperationAST, parse } from 'graphql'
import { postOperation } from './post-operation.ts'
import { type RunRecorder, RunStore } from './runs.ts'

export const runs = new RunStore()

/** Set by the result panel, because a fetcher does not receive the tab. */
export const activeTab = { id: '' }

const streaming = createGraphiQLFetcher({ url: '/graphql' })

export const fetcher: Fetcher = (params, options) => {
  const operation = {
    query: params.query,
    operationName: params.operationName,
    variables: params.variables as Readonly<Record<string, unknown>> | undefined,
  }
  if (params.operationName === 'IntrospectionQuery')
    return postOperation(operation).then(({ result }) => result as never)
  const recorder = runs.start({
    tabId: activeTab.id,
    document: params.query,
    operationName: params.operationName ?? undefined,
    variables: operation.variables,
  })
  return isSubscription(operation.query, operation.operationName)
    ? (recordStream(recorder, streaming(params, options)) as never)
    : recordResponse(recorder, operation)
}

function isSubscription(query: string, operationName: string | null | undefined): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === 'subscription'
  } catch {
    return false
  }
}

async function recordResponse(recorder: RunRecorder, operation: Parameters<typeof postOperation>[0]) {
  try {
    const { result, ...facts } = await postOperation(operation)
    recorder.receive(result, facts)
    recorder.end()
    return result as never
  } catch (error) {
    recorder.fail(messageOf(error))
    throw error
  }
}

async function* recordStream(recorder: RunRecorder, source: unknown) {
  try {
    for await (const result of (await source) as AsyncIterable<never>) {
      recorder.receive(result, { bytes: JSON.stringify(result).length })
      yield result
    }
  } catch (error) {
    recorder.fail(messageOf(error))
    throw error
  } finally {
    recorder.end()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
