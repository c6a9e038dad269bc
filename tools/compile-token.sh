#!/usr/bin/env bash
# Reproduces src/quorate/client/demo/token/DemoToken.json from DemoToken.sol, with the compiler of the npm package solc.
# The compiler is not part of the set-up: the compiled form is committed, and this shows that it comes from the source.
set -euo pipefail
cd "$(dirname "$0")/../src/quorate/client/demo/token"
folder=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --ignore-scripts solc@0.8.37
cat > compile.js <<'JS'
const fs = require("fs"), solc = require("solc"), path = process.argv[2];
const input = {
  language: "Solidity",
  sources: {"DemoToken.sol": {content: fs.readFileSync(path + "/DemoToken.sol", "utf8")}},
  settings: {
    optimizer: {enabled: true, runs: 200}, evmVersion: "paris", metadata: {bytecodeHash: "none", appendCBOR: false},
    outputSelection: {"*": {"*": ["abi", "evm.bytecode.object"]}},
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
if (output.errors) { console.error(output.errors); process.exit(1); }
const token = output.contracts["DemoToken.sol"].DemoToken;
fs.writeFileSync(path + "/DemoToken.json", JSON.stringify(
  {compiler: solc.version(), reproduce: "tools/compile-token.sh", bytecode: "0x" + token.evm.bytecode.object}, null, 2) + "\n");
JS
node compile.js "$folder"
