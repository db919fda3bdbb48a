// Which words lead to which file. Nothing of a command is loaded before it is asked for: that is what keeps the start short.
import type { CommandDefinition } from './definition.ts'

type Load = () => Promise<CommandDefinition>

/** Noun -> verb -> command. A command of one word has the verb ''. */
export const commandTable: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  blueprints: {
    upload: async () => (await import('./commands/blueprints-upload.ts')).blueprintsUpload,
    validate: async () => (await import('./commands/blueprints-validate.ts')).blueprintsValidate,
    plan: async () => (await import('./commands/blueprints-plan.ts')).blueprintsPlan,
    graph: async () => (await import('./commands/blueprints-graph.ts')).blueprintsGraph,
    list: async () => (await import('./commands/blueprints-list.ts')).blueprintsList,
    get: async () => (await import('./commands/blueprints-get.ts')).blueprintsGet,
    delete: async () => (await import('./commands/blueprints-delete.ts')).blueprintsDelete,
  },
  deployments: {
    create: async () => (await import('./commands/deployments-create.ts')).deploymentsCreate,
    list: async () => (await import('./commands/deployments-list.ts')).deploymentsList,
    get: async () => (await import('./commands/deployments-get.ts')).deploymentsGet,
    outputs: async () => (await import('./commands/deployments-outputs.ts')).deploymentsOutputs,
    delete: async () => (await import('./commands/deployments-delete.ts')).deploymentsDelete,
  },
  executions: {
    start: async () => (await import('./commands/executions-start.ts')).executionsStart,
    plan: async () => (await import('./commands/executions-plan.ts')).executionsPlan,
    resume: async () => (await import('./commands/executions-resume.ts')).executionsResume,
    cancel: async () => (await import('./commands/executions-cancel.ts')).executionsCancel,
    list: async () => (await import('./commands/executions-list.ts')).executionsList,
    get: async () => (await import('./commands/executions-get.ts')).executionsGet,
    check: async () => (await import('./commands/executions-check.ts')).executionsCheck,
  },
  backups: {
    list: async () => (await import('./commands/backups-list.ts')).backupsList,
    get: async () => (await import('./commands/backups-get.ts')).backupsGet,
    compare: async () => (await import('./commands/backups-compare.ts')).backupsCompare,
    verify: async () => (await import('./commands/backups-verify.ts')).backupsVerify,
    hold: async () => (await import('./commands/backups-hold.ts')).backupsHold,
    release: async () => (await import('./commands/backups-release.ts')).backupsRelease,
    delete: async () => (await import('./commands/backups-delete.ts')).backupsDelete,
    prune: async () => (await import('./commands/backups-prune.ts')).backupsPrune,
  },
  retention: {
    explain: async () => (await import('./commands/retention-explain.ts')).retentionExplain,
    simulate: async () => (await import('./commands/retention-simulate.ts')).retentionSimulate,
  },
  events: { list: async () => (await import('./commands/events-list.ts')).eventsList },
  nodes: { list: async () => (await import('./commands/nodes-list.ts')).nodesList },
  'node-instances': {
    list: async () => (await import('./commands/node-instances-list.ts')).nodeInstancesList,
    get: async () => (await import('./commands/node-instances-get.ts')).nodeInstancesGet,
    statistics: async () => (await import('./commands/node-instances-statistics.ts')).nodeInstancesStatistics,
  },
  plugins: {
    init: async () => (await import('./commands/plugins-init.ts')).pluginsInit,
    test: async () => (await import('./commands/plugins-test.ts')).pluginsTest,
    upload: async () => (await import('./commands/plugins-upload.ts')).pluginsUpload,
    list: async () => (await import('./commands/plugins-list.ts')).pluginsList,
    get: async () => (await import('./commands/plugins-get.ts')).pluginsGet,
    delete: async () => (await import('./commands/plugins-delete.ts')).pluginsDelete,
  },
  secrets: {
    create: async () => (await import('./commands/secrets-create.ts')).secretsCreate,
    list: async () => (await import('./commands/secrets-list.ts')).secretsList,
    get: async () => (await import('./commands/secrets-get.ts')).secretsGet,
    delete: async () => (await import('./commands/secrets-delete.ts')).secretsDelete,
  },
  fleet: {
    run: async () => (await import('./commands/fleet-run.ts')).fleetRun,
    list: async () => (await import('./commands/fleet-list.ts')).fleetList,
    show: async () => (await import('./commands/fleet-show.ts')).fleetShow,
  },
  openstack: {
    snapshot: async () => (await import('./commands/openstack-snapshot.ts')).openstackSnapshot,
    clone: async () => (await import('./commands/openstack-clone.ts')).openstackClone,
    restore: async () => (await import('./commands/openstack-restore.ts')).openstackRestore,
  },
  vsphere: { report: async () => (await import('./commands/vsphere-report.ts')).vsphereReport },
  mail: {
    settings: async () => (await import('./commands/mail-settings.ts')).mailSettings,
    list: async () => (await import('./commands/mail-list.ts')).mailList,
    send: async () => (await import('./commands/mail-send.ts')).mailSend,
  },
  thaw: { '': async () => (await import('./commands/thaw.ts')).thaw },
  status: { '': async () => (await import('./commands/status.ts')).status },
  simulate: { '': async () => (await import('./commands/simulate.ts')).simulateCommand },
  completion: { '': async () => (await import('./commands/completion.ts')).completion },
}

/** In the order of the table. */
export async function allCommands(noun?: string): Promise<CommandDefinition[]> {
  const verbs = Object.entries(commandTable).filter(([name]) => noun === undefined || name === noun)
  return Promise.all(verbs.flatMap(([, loads]) => Object.values(loads).map((load) => load())))
}
