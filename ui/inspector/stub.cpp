// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_ui_inspectorStub(); void bottega_ui_inspectorStub() {} }
