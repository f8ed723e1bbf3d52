// GraphiQL with the panels and the result view of this project.

import { explorerPlugin } from '@graphiql/plugin-explorer'
import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'

const fetcher = createGraphiQLFetcher({ url: '/graphql' })
const plugins = [explorerPlugin(), HISTORY_PLUGIN]

export function Playground() {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      isHeadersEditorEnabled={false}
      shouldPersistHeaders={false}
    />
  )
}
