// GraphiQL with the panels and the result view of this project.

import { explorerPlugin } from '@graphiql/plugin-explorer'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { fetcher } from './execution/recording-fetcher.ts'
import { ResultPanel } from './results/result-panel.tsx'
import { settings } from './settings.ts'

const plugins = [explorerPlugin(), HISTORY_PLUGIN]
const defaultTabs = settings.examples
  .filter(({ group }) => group === '')
  .map(({ query, variables }) => ({
    query,
    variables: variables ? JSON.stringify(variables, null, 2) : null,
    headers: null,
  }))

export function Playground() {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultTabs={defaultTabs}
      isHeadersEditorEnabled={false}
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>vSphere GraphQL</GraphiQL.Logo>
      <GraphiQL.Footer>
        <ResultPanel />
      </GraphiQL.Footer>
    </GraphiQL>
  )
}
