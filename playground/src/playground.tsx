// GraphiQL with the panels and the result view of this project.

import { explorerPlugin } from '@graphiql/plugin-explorer'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { CredentialsNotice } from './credentials/credentials-notice.tsx'
import { credentialsPlugin } from './credentials/credentials-panel.tsx'
import { needsCredentials } from './credentials/store.ts'
import { examplesPlugin } from './examples/examples-panel.tsx'
import { useLink } from './examples/use-link.ts'
import { activateTab, fetcher } from './execution/recording-fetcher.ts'
import { ResultPanel } from './results/panel/result-panel.tsx'
import { setDefaultWidths } from './tabs/default-widths.ts'
import { createPageStorage } from './tabs/page-storage.ts'
import { useEditorTheme } from './tabs/use-editor-theme.ts'
import { useObservedRun } from './tabs/use-observed-run.ts'
import { useRunControls } from './tabs/use-run-controls.ts'
import { useTabList } from './tabs/use-tab-list.ts'
import { useUnsentRun } from './tabs/use-unsent-run.ts'
import { showWelcome, useWelcomeShown } from './welcome/visibility.ts'
import { Welcome } from './welcome/welcome.tsx'

const plugins = [examplesPlugin, explorerPlugin(), HISTORY_PLUGIN, credentialsPlugin]

/** GraphiQL stores which panel is open; an empty value means that the user has closed it. */
const isFirstVisit = localStorage.getItem('graphiql:visiblePlugin') === null
const firstPlugin = needsCredentials() ? credentialsPlugin : isFirstVisit ? examplesPlugin : undefined

setDefaultWidths()

const storage = createPageStorage(sessionStorage, localStorage)

export function Playground() {
  const isWelcomeShown = useWelcomeShown()
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      plugins={plugins}
      {...(firstPlugin && { visiblePlugin: firstPlugin })}
      defaultTabs={[{ query: '', variables: '', headers: null }]}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled={false}
      shouldPersistHeaders={false}
      onTabChange={({ tabs, activeTabIndex }) => {
        activateTab(tabs[activeTabIndex]?.id ?? '')
      }}
    >
      <GraphiQL.Logo>
        <button type="button" className="pg-logo" title="Start page" onClick={() => showWelcome(true)}>
          vSphere GraphQL
        </button>
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <Page />
        <CredentialsNotice />
        <ResultPanel />
      </GraphiQL.Footer>
      {isWelcomeShown && <Welcome />}
    </GraphiQL>
  )
}

/** What concerns the page as a whole; reports why a link cannot be opened. */
function Page() {
  const problem = useLink()
  useObservedRun()
  useRunControls()
  useUnsentRun()
  useTabList()
  useEditorTheme()
  return problem === undefined ? null : (
    <p className="pg-notice" role="alert">
      {problem}
    </p>
  )
}
