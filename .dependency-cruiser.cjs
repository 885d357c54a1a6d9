/** Who may import whom; the reasons are in docs/architecture.md. */
const products = 'tenancy|identity|chat|inference|governance';
const adapters = 'backends|persistence|messaging|signin|sources|telemetry';
const npm = '^node_modules';
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', 'A cycle makes two files one.', {}, { circular: true }),
    rule(
      'kernel-imports-nothing',
      'The bottom.',
      { path: '^libs/kernel/', pathNot: '\\.spec\\.ts$' },
      { pathNot: '^(libs/kernel/|node:|[a-z_/]+$)' },
    ),
    rule(
      'contracts-import-kernel-and-zod',
      'Wire types stand alone.',
      { path: '^libs/contracts/', pathNot: '\\.spec\\.ts$' },
      { pathNot: '^(libs/(contracts|kernel)/|node_modules/zod/)' },
    ),
    rule(
      'domain-is-pure',
      'Rules without I/O.',
      { path: `^libs/(${products})/domain/`, pathNot: '\\.spec\\.ts$' },
      { pathNot: `^(libs/kernel/|libs/(${products})/domain/|node_modules/@casl/|crypto$)` },
    ),
    rule(
      'ports-know-domain',
      'A port shows no driver.',
      { path: `^libs/(${products})/ports/` },
      { pathNot: `^libs/(kernel|contracts)/|^libs/(${products})/(domain|ports)/` },
    ),
    rule(
      'app-orders-steps',
      'Use cases know rules and ports, never an adapter or a framework.',
      { path: `^libs/(${products})/app/`, pathNot: '\\.spec\\.ts$' },
      {
        pathNot: `^libs/(kernel|contracts)/|^libs/(${products})/(domain|ports|app)/|^node_modules/(@opentelemetry/api|@casl/ability|zod)/|^(node:)?(crypto|events|buffer)$`,
      },
    ),
    rule(
      'app-stays-in-its-product',
      'Use cases of one product reach another one through its ports.',
      { path: `^libs/(${products})/app/`, pathNot: '\\.spec\\.ts$' },
      { path: `^libs/(${products})/app/`, pathNot: '^libs/$1/app/' },
    ),
    rule(
      'adapters-implement-ports',
      'An adapter never calls a use case or another adapter.',
      { path: `^libs/(${adapters})/`, pathNot: '\\.spec\\.ts$' },
      {
        path: `^libs/(${adapters}|${products}|platform|ui)/`,
        pathNot: `^libs/$1/|^libs/(${products})/(domain|ports)/`,
      },
    ),
    rule(
      'adapters-only-in-platform',
      'libs/platform chooses the adapters.',
      { path: '^(apps|operator)/', pathNot: '\\.spec\\.ts$' },
      { path: `^libs/(${adapters})/` },
    ),
    rule(
      'operator-runtime-is-generic',
      'A controller runtime knows no tenant.',
      { path: '^operator/runtime/', pathNot: '\\.spec\\.ts$' },
      { path: '^(apps|libs|operator)/', pathNot: '^(operator/runtime|libs/kernel)/' },
    ),
    rule(
      'operator-resources-are-pure',
      'What a tenant should have is worked out without I/O.',
      { path: '^operator/resources/', pathNot: '\\.spec\\.ts$' },
      {
        pathNot:
          '^(operator/resources/|operator/runtime/kube-object\.ts$|libs/(kernel|contracts)/|libs/tenancy/domain/|node_modules/(@kubernetes/client-node|yaml|zod)/|(node:)?crypto$)',
      },
    ),
    rule(
      'apps-leave-the-operator-alone',
      'The command line shares its pure part only.',
      { path: '^(apps|libs)/' },
      { path: '^operator/', pathNot: '^operator/((resources|runtime)/|(kinds|difference|platform-state)\\.ts$)' },
    ),
    rule(
      'apps-stand-alone',
      'Only standalone joins apps, by their modules.',
      { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    rule(
      'standalone-joins-modules',
      'It composes; it does not reach inside.',
      { path: '^apps/standalone/' },
      { path: '^apps/', pathNot: '^apps/(standalone/|(chat|router|admin)/app\\.module\\.ts$)' },
    ),
    rule(
      'web-knows-contracts',
      'A browser never sees server code.',
      { path: '^(apps/[^/]+/web|libs/ui)/', pathNot: 'vite\\.config\\.ts$' },
      { path: '^(apps|libs)/', pathNot: '^(apps/[^/]+/web|libs/(ui|contracts|kernel))/' },
    ),
    rule(
      'tests-are-leaves',
      'Nothing depends on a test.',
      { pathNot: '^test/|\\.spec\\.tsx?$' },
      { path: '^test/|\\.spec\\.tsx?$' },
    ),
    rule('nothing-unresolved', 'A typo.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: npm },
    exclude: { path: '(^|/)dist/|^scripts/.*\\.mjs$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['whisper-source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
};
