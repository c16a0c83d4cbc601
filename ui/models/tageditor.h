// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <map>
#include <string>

class QLineEdit;

namespace bottega {

class FlowLayout;

/// Tags as chips, each with a button to remove it, and a field that takes "key=value" or "key". Says what the user asked
/// for; the owner decides and calls setTags.
class TagEditor : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TagEditor)
public:
    using Tags = std::map<std::string, std::string>;

    explicit TagEditor(QWidget *parent = nullptr);
    void setTags(const Tags &tags);
    [[nodiscard]] const Tags &tags() const { return m_tags; }
    /// What stands in the field and was not confirmed yet is taken as a tag too.
    void commitPending();

Q_SIGNALS:
    void tagAdded(const QString &key, const QString &value);
    void tagRemoved(const QString &key);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QWidget *makeChip(const QString &key, const QString &value);

    Tags m_tags;
    FlowLayout *m_layout = nullptr;
    QLineEdit *m_field = nullptr;
};

} // namespace bottega
