// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/runrecord.h"

#include <QList>
#include <QWidget>

class QGridLayout;
class QLabel;

namespace bottega {

/// Everything that is known of a run in words: the job as asked, the attempts with their evidence, the metrics in short and
/// where the files are. All of it can be selected and copied.
class RunDetails : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunDetails)
public:
    explicit RunDetails(QWidget *parent = nullptr);

    void clear();
    void setRecord(const RunFolder &folder, const RunRecord &record, std::uint64_t diskBytes = 0); // 0: not known yet
    [[nodiscard]] QString plainText() const; // "name<Tab>value" lines

Q_SIGNALS:
    void openFolderRequested();

private:
    struct Line
    {
        QString name; // a section's title where the value is null
        QString value;
        bool operator==(const Line &) const = default;
    };
    static QList<Line> linesOf(const RunFolder &folder, const RunRecord &record, std::uint64_t diskBytes);
    void rebuild();

    QList<Line> m_lines;
    QList<QLabel *> m_values; // one per line, nullptr for titles
    QWidget *m_content = nullptr;
    QGridLayout *m_grid = nullptr;
};

} // namespace bottega
